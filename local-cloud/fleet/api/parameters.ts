/**
 * Reads the parameters of a call and collects what is wrong with them, as AWS does: all at once, in one
 * ValidationError of the form "2 validation errors detected: Value … at '…' failed to satisfy constraint: …".
 * What AWS's model says (required members, lengths, patterns, enumerations) has been checked before: here is what AWS
 * refuses beside it.
 */
import { ApiError } from '../../gateway/index.ts';

interface TextRule {
  required?: boolean;
  oneOf?: readonly string[];
}

interface NumberRule {
  required?: boolean;
  min?: number;
  max?: number;
}

/** Leaves are texts on the wire; a structure where a text belongs reads as an empty one. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export class Parameters {
  readonly #values: Record<string, unknown>;
  readonly #path: string;
  readonly #problems: string[];

  constructor(values: unknown, path = '', problems: string[] = []) {
    this.#values = typeof values === 'object' && values !== null ? (values as Record<string, unknown>) : {};
    this.#path = path;
    this.#problems = problems;
  }

  /** The structure as it was sent, for what is stored and given back. */
  get raw(): Record<string, unknown> {
    return this.#values;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** Throws one ValidationError with everything that was found so far. */
  check(): void {
    const count = this.#problems.length;
    if (count === 0) return;
    const errors = count === 1 ? 'error' : 'errors';
    throw validationError(`${count} validation ${errors} detected: ${this.#problems.join('; ')}`);
  }

  text(name: string, rule: TextRule = {}): string | undefined {
    const value = this.#values[name];
    if (value === undefined) {
      if (rule.required) this.#fail(name, undefined, 'Member must not be null');
      return undefined;
    }
    const text = asText(value);
    const { oneOf } = rule;
    if (oneOf && !oneOf.includes(text)) {
      this.#fail(name, text, `Member must satisfy enum value set: [${oneOf.join(', ')}]`);
    }
    return text;
  }

  /** A text that the model requires. */
  required(name: string): string {
    return asText(this.#values[name]);
  }

  integer(name: string, rule: NumberRule = {}): number | undefined {
    const text = this.text(name, { required: rule.required ?? false });
    if (text === undefined) return undefined;
    const value = Number(text);
    if (rule.min !== undefined && value < rule.min) {
      this.#fail(name, text, `Member must have value greater than or equal to ${rule.min}`);
    }
    if (rule.max !== undefined && value > rule.max) {
      this.#fail(name, text, `Member must have value less than or equal to ${rule.max}`);
    }
    return value;
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : text.toLowerCase() === 'true';
  }

  /** A list of texts; undefined when it was not sent, empty when it was sent empty. */
  texts(name: string): string[] | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return value === '' ? [] : [asText(value)];
    return value.map(asText);
  }

  /** A list of structures; undefined when it was not sent. */
  list(name: string): Parameters[] | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const items: unknown[] = Array.isArray(value) ? value : [];
    return items.map(
      (item, index) =>
        new Parameters(item, `${this.#at(name)}.${index + 1}.member`.replace(/^\./, ''), this.#problems),
    );
  }

  structure(name: string): Parameters | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    return new Parameters(value, this.#at(name), this.#problems);
  }

  #at(name: string): string {
    // AWS names members in lower camel case here: preferences.minHealthyPercentage, targetGroupARNs.
    const member = name.slice(0, 1).toLowerCase() + name.slice(1);
    return this.#path === '' ? member : `${this.#path}.${member}`;
  }

  #fail(name: string, value: string | undefined, constraint: string): void {
    const shown = value === undefined ? 'null' : `'${value}'`;
    this.#problems.push(`Value ${shown} at '${this.#at(name)}' failed to satisfy constraint: ${constraint}`);
  }
}

export const validationError = (message: string): ApiError => new ApiError('ValidationError', message);

/** One page of a list. The token is the position to go on from; AWS's are opaque. */
export function page<T>(
  items: readonly T[],
  parameters: Parameters,
  limits: { default: number; max: number },
): { items: T[]; NextToken: string | undefined } {
  const size = parameters.integer('MaxRecords', { min: 1 }) ?? limits.default;
  parameters.check();
  if (size > limits.max) {
    throw validationError(
      `The maximum number of records allowed is ${limits.max}, but ${size} were asked for.`,
    );
  }
  const token = parameters.text('NextToken');
  const start = token === undefined ? 0 : readToken(token);
  const next = start + size < items.length ? start + size : undefined;
  return {
    items: items.slice(start, start + size),
    NextToken: next === undefined ? undefined : Buffer.from(`from:${next}`).toString('base64url'),
  };
}

function readToken(token: string): number {
  const match = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match === null) throw new ApiError('InvalidNextToken', `The token '${token}' is invalid.`);
  return Number(match[1]);
}
