import type { Value } from './value.ts';

/** What stands in a file, or between the braces of a block. */
export interface Body {
  /** Names of its attributes and types of its blocks, in their order. */
  names: string[];
  attributes: Record<string, Value>;
  /** Its blocks of a type, in their order, where they have so many labels. */
  blocks: (type: string, labels: number) => Block[];
}

/** `type "label" { … }` */
export interface Block {
  labels: string[];
  body: Body;
}

/** Where something stands in a text; both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** A file that was read. */
export interface Document {
  body: Body;
  /** Where the text stops being what it should be; the rest is read as well as can be. */
  error: Position | undefined;
}

/** A body that says nothing. */
export const emptyBody: Body = { names: [], attributes: {}, blocks: () => [] };
