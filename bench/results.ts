import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from './figure.ts';
import type { Machine } from './machine.ts';

/** What is kept of a figure. */
export interface Measured {
  title: string;
  how: string;
  leftOut: string[];
  /** ISO 8601, to the minute. */
  at: string;
  /** Seconds that it took. */
  seconds: number;
  /** Load of the machine before and after. */
  load: { before: number; after: number };
  rows: Row[];
  /** Name of its drawing, beside the results. */
  chart?: string;
}

/** Everything that was measured last; a figure that was measured by itself replaces only itself. */
export interface Results {
  machine: Machine;
  figures: Record<string, Measured>;
}

const folder = fileURLToPath(new URL('results', import.meta.url));
const file = join(folder, 'latest.json');

/** Undefined where nothing was measured yet. */
export function readResults(): Results | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined;
}

/** Writes the results, and drawings by their names. */
export function writeResults(results: Results, charts: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(rounded(results), undefined, 2)}\n`);
  for (const [name, svg] of Object.entries(charts)) writeFileSync(join(folder, name), svg);
}

/** Four digits say more than the machine can. */
function rounded<T>(value: T): T {
  if (typeof value === 'number') return Number(value.toPrecision(Number.isInteger(value) ? 15 : 4)) as T;
  if (Array.isArray(value)) return value.map((each) => rounded<unknown>(each)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded<unknown>(each)])) as T;
}
