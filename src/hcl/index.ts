export { emptyBody } from './body.ts';
export type { Block, Body, Document, Position } from './body.ts';
export { readJson } from './json.ts';
export { loadHcl } from './parser.ts';
export type { ReadHcl } from './parser.ts';
export { Computed, isLiteral, isObject } from './value.ts';
export type { Value } from './value.ts';
