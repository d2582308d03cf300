import type { ReadHcl } from '../hcl/index.ts';
import type { NameRule } from './names.ts';
import type { InputReader } from './reader.ts';

/** What inputs are parsed with, besides their own text. */
export interface Surroundings {
  /** Absolute; relative paths start here. */
  workspace: string;
  /** What lies at a path. */
  kind: (path: string) => 'file' | 'directory' | undefined;
  /** The job is over, and its files may be gone: nothing is asked of them. */
  filesGone?: boolean;
  /** Names of the commands that there are. */
  commands: readonly string[];
  /** Left out where no input needs it: loading it takes a while. */
  readHcl?: ReadHcl | undefined;
}

/** Turns the text of the input `name` into a value; what is wrong with it is refused at the reader. */
export type Parser<T> = (reader: InputReader, name: string, around: Surroundings) => T;

/** Any text; undefined when it was not given. */
export function text(reader: InputReader, name: string): string | undefined {
  return reader.text(name);
}

/** true or false; for an input that has a default. */
export function flag(reader: InputReader, name: string): boolean {
  return reader.boolean(name);
}

/** A name that keeps to the rule; undefined when it was not given. */
export function named({ pattern, advice }: NameRule) {
  return (reader: InputReader, name: string): string | undefined => reader.matching(name, pattern, advice);
}

/** A name that keeps to the rule, and has to be given or has a default. */
export function required(rule: NameRule) {
  return (reader: InputReader, name: string): string => {
    if (reader.text(name) === undefined) reader.refuse(name, '', rule.advice);
    return named(rule)(reader, name) ?? '';
  };
}

/** One of the words; for an input that has a default or must be given. */
export function oneOf<const T extends string>(...words: [T, ...T[]]) {
  return (reader: InputReader, name: string): T => reader.choice(name, words);
}

/** One of the words; undefined when it was not given. */
export function oneOfIfGiven<const T extends string>(...words: [T, ...T[]]) {
  return (reader: InputReader, name: string): T | undefined =>
    reader.text(name) === undefined ? undefined : reader.choice(name, words);
}

export function wholeNumber(
  from: number,
  to: number,
): (reader: InputReader, name: string) => number | undefined;
/** `otherwise` is for the type alone, where there is a default: it is never seen. */
export function wholeNumber(
  from: number,
  to: number,
  otherwise: number,
): (reader: InputReader, name: string) => number;
/** A whole number in a range, ends included; undefined when it was not given. */
export function wholeNumber(from: number, to: number, otherwise?: number) {
  return (reader: InputReader, name: string) => reader.wholeNumber(name, from, to) ?? otherwise;
}

/** Whole numbers in a range, with commas or one a line; undefined when none was given. */
export function wholeNumbers(from: number, to: number) {
  return (reader: InputReader, name: string): number[] | undefined => reader.wholeNumbers(name, from, to);
}

/** Items with commas or one a line, so many at most; undefined when none was given. */
export function list({ most, what }: { most: number; what: string }) {
  return (reader: InputReader, name: string): string[] | undefined => {
    const items = reader.list(name);
    if (items !== undefined && items.length > most)
      reader.refuse(name, items.join(', '), `give at most ${most} ${what}`);
    return items;
  };
}

/** The same, or the word none, which stands alone and gives an empty list. */
export function listOrNone(limit: { most: number; what: string }) {
  return (reader: InputReader, name: string): string[] | undefined => {
    const items = list(limit)(reader, name);
    if (items?.some((item) => item !== 'none' && item.toLowerCase() === 'none') === true)
      reader.refuse(name, items.join(', '), `give none in small letters, or ${limit.what}`);
    if (items?.includes('none') !== true) return items;
    if (items.length > 1) reader.refuse(name, items.join(', '), `give none alone, or ${limit.what}`);
    return [];
  };
}
