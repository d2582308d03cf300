import { DeployError, nearest } from '../core/index.ts';

/** One thing that is wrong with the inputs: its sentence is the input, "is", and this. */
export interface Problem {
  input: string;
  /** The value as it was given and what would do: `"9O"; give a whole number from 0 to 100`. */
  is: string;
}

/**
 * Reads inputs strictly and remembers everything that is wrong, so that one run tells it all.
 * "" means "not given" throughout. After a problem a method returns a stand-in, which nobody gets to see:
 * `throwIfAny` comes before the result is used.
 */
export class InputReader {
  readonly problems: Problem[] = [];
  readonly #read: (name: string) => string;

  constructor(read: (name: string) => string) {
    this.#read = read;
  }

  /** `value` is shown as it was given; undefined for one that may be secret. */
  refuse(input: string, value: string | undefined, advice: string): undefined {
    const shown = value === undefined ? 'not usable' : value === '' ? 'empty' : JSON.stringify(value);
    this.problems.push({ input, is: `${shown}; ${advice}` });
    return undefined;
  }

  /** Whether the inputs could be read, so that they can be compared with each other. */
  isFine(...inputs: string[]): boolean {
    return !this.problems.some(({ input }) => inputs.includes(input));
  }

  /** The text exactly as it was given, for what counts lines and columns. */
  raw(input: string): string {
    return this.#read(input);
  }

  text(input: string): string | undefined {
    const value = this.#read(input).trim();
    return value === '' ? undefined : value;
  }

  /** A text that has to look like `pattern`; `advice` says what that means. */
  matching(input: string, pattern: RegExp, advice: string): string | undefined {
    const value = this.text(input);
    if (value !== undefined && !pattern.test(value)) this.refuse(input, value, advice);
    return value;
  }

  choice<const T extends string>(input: string, allowed: readonly T[]): T {
    const value = this.text(input) ?? '';
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    const meant = nearest(value, allowed);
    this.refuse(
      input,
      value,
      `give ${orList(allowed)}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
    );
    return allowed[0] ?? (value as T);
  }

  wholeNumber(input: string, from: number, to: number): number | undefined {
    const value = this.text(input);
    return value === undefined ? undefined : this.#whole(input, value, { from, to });
  }

  boolean(input: string): boolean {
    const value = this.text(input) ?? '';
    if (value !== 'true' && value !== 'false') this.refuse(input, value, 'give true or false');
    return value === 'true';
  }

  /** Items separated by commas or line ends. */
  list(input: string): string[] | undefined {
    const items = this.text(input)
      ?.split(/[,\n]/)
      .map((item) => item.trim())
      .filter((item) => item !== '');
    return items === undefined || items.length === 0 ? undefined : items;
  }

  wholeNumbers(input: string, from: number, to: number): number[] | undefined {
    return this.list(input)?.map((item) => this.#whole(input, item, { from, to }));
  }

  /** Lines that are not empty, without the spaces around them. */
  lines(input: string): string[] {
    return this.#read(input)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }

  /** @throws DeployError `input-invalid` naming every problem; one is a sentence, of more each has its input for a label. */
  throwIfAny(): void {
    const [first, ...others] = this.problems;
    if (first === undefined) return;
    const one = others.length === 0;
    throw new DeployError({
      reason: 'input-invalid',
      message: one ? `${first.input} is ${first.is}` : `${this.problems.length} inputs can not be used`,
      evidence: one ? [] : this.problems.map(({ input, is }) => ({ label: input, text: is })),
      left: 'Nothing was touched.',
    });
  }

  #whole(input: string, value: string, { from, to }: { from: number; to: number }): number {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
    if (number >= from && number <= to) return number;
    this.refuse(input, value, `give a whole number from ${from} to ${to}`);
    return from;
  }
}

function orList(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
