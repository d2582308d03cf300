/** A value of a configuration: what JSON can say, and in the places of what has to be computed first, that. */
export type Value = string | number | boolean | null | Value[] | Values | Computed;

/** Values by name. */
export interface Values {
  [name: string]: Value;
}

/** What is not known before Terraform computes it: a reference, a template, a call. */
export class Computed {
  /** As it is written. */
  readonly text: string;
  /** Of a call, what is called and with what: `optional(string, "x")` in a type is one. */
  readonly call: { name: string; given: Value[] } | undefined;

  constructor(text: string, call?: { name: string; given: Value[] }) {
    this.text = text;
    this.call = call;
  }
}

/** Whether a value has attributes. */
export function isObject(value: Value | undefined): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Computed);
}

/** Whether all of a value is known as it is written. */
export function isLiteral(value: Value): boolean {
  if (value instanceof Computed) return false;
  if (Array.isArray(value)) return value.every(isLiteral);
  return !isObject(value) || Object.values(value).every(isLiteral);
}
