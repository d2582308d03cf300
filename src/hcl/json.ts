import type { Block, Body, Document } from './body.ts';
import { emptyBody } from './body.ts';
import type { Value, Values } from './value.ts';
import { Computed, isObject } from './value.ts';

/**
 * Reads a configuration that is written in JSON, in which a block is an object of objects, one for each label, and
 * each may be a list of such: https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function readJson(text: string): Document {
  try {
    return { body: bodyOf(JSON.parse(text.replace(/^\uFEFF/, '')) as Value), error: undefined };
  } catch {
    return { body: emptyBody, error: { line: 1, column: 1 } };
  }
}

function bodyOf(value: Value | undefined): Body {
  const parts = objectsIn(value);
  const attributes = Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
  return {
    names: Object.keys(attributes),
    attributes: Object.fromEntries(
      Object.entries(attributes)
        .filter(([name]) => name !== '//')
        .map(([name, one]) => [name, withTemplates(one)]),
    ),
    blocks: (type, labels) => parts.flatMap((part) => blocksIn(part[type], labels)),
  };
}

function blocksIn(value: Value | undefined, labels: number): Block[] {
  if (labels === 0) return objectsIn(value).map((one) => ({ labels: [], body: bodyOf(one) }));
  return objectsIn(value).flatMap((part) =>
    Object.entries(part).flatMap(([label, inner]) =>
      blocksIn(inner, labels - 1).map((block) => ({ ...block, labels: [label, ...block.labels] })),
    ),
  );
}

function objectsIn(value: Value | undefined): Values[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}

/** A text is a template here as in HCL. */
function withTemplates(value: Value): Value {
  if (typeof value === 'string') return /(^|[^$])\$\{|(^|[^%])%\{/.test(value) ? new Computed(value) : value;
  if (Array.isArray(value)) return value.map(withTemplates);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withTemplates(one)]));
}
