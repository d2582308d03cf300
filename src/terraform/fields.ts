import { nearest } from '../core/index.ts';
import type { Value } from '../hcl/index.ts';
import { Computed, isObject } from '../hcl/index.ts';

/** A field that is given and that its object has not. */
export interface UnknownField {
  /** From the variable: load_balancer.certificate_arn */
  path: string;
  /** What may have been meant, by its path; undefined when nothing is near. */
  meant: string | undefined;
  /** The fields that there are in its place. */
  known: string[];
}

/**
 * The fields of a value that a variable's type has not. Terraform drops them without a word, and what was meant by them is
 * not done. Pure.
 * https://developer.hashicorp.com/terraform/language/expressions/type-constraints#conversion-of-complex-types
 *
 * @param given what the variable is given
 * @param type as it is declared: `object({ … })`, or what holds some
 * @param path of the value: its variable's name
 */
export function unknownFields(given: unknown, type: Value | undefined, path: string): UnknownField[] {
  if (!(type instanceof Computed) || given === null || typeof given !== 'object') return [];
  const { name = 'any', given: [inner] = [] } = type.call ?? {};
  if (name === 'optional') return unknownFields(given, inner, path);
  if (name === 'object' && isObject(inner) && !Array.isArray(given))
    return Object.entries(given).flatMap(([field, value]) =>
      field in inner
        ? unknownFields(value, inner[field], `${path}.${field}`)
        : [{ path: `${path}.${field}`, meant: meantBy(field, inner, path), known: Object.keys(inner) }],
    );
  if (name !== 'map' && name !== 'list' && name !== 'set') return [];
  return Object.entries(given).flatMap(([key, value]) => unknownFields(value, inner, `${path}.${key}`));
}

/** The field of that name deeper in the object, else the one beside it that is spelt most alike. */
function meantBy(field: string, fields: Record<string, Value>, path: string): string | undefined {
  const deeper = pathsIn(fields, path).find((each) => each.endsWith(`.${field}`));
  if (deeper !== undefined) return deeper;
  const near = nearest(field, Object.keys(fields));
  return near === undefined ? undefined : `${path}.${near}`;
}

/** Every field below, by its path. */
function pathsIn(fields: Record<string, Value>, path: string): string[] {
  return Object.entries(fields).flatMap(([field, type]) => {
    const here = `${path}.${field}`;
    const inner = fieldsOf(type);
    return inner === undefined ? [here] : [here, ...pathsIn(inner, here)];
  });
}

/** Of an object, or of one that may be left out. */
function fieldsOf(type: Value | undefined): Record<string, Value> | undefined {
  if (!(type instanceof Computed)) return undefined;
  const [inner] = type.call?.given ?? [];
  if (type.call?.name === 'optional') return fieldsOf(inner);
  return type.call?.name === 'object' && isObject(inner) ? inner : undefined;
}
