import { webPath } from './names.ts';
import type { InputReader } from './reader.ts';

/** What the service must answer through its load balancer. */
export interface SmokeTestInput {
  path: string;
  /** Ranges of HTTP statuses that pass, each from and to. */
  statuses: [from: number, to: number][];
  /** What the answer's body must contain. */
  body: string | undefined;
  /** How often it is tried before a bad answer counts. */
  attempts: number;
}

const details = ['smoke-test-status', 'smoke-test-body', 'smoke-test-attempts'] as const;
const success: [number, number] = [200, 299];
const defaultAttempts = 5;

/** The smoke test from all its inputs; undefined when no path was given. */
export function parseSmokeTest(reader: InputReader, pathInput: string): SmokeTestInput | undefined {
  const path = reader.matching(pathInput, webPath.pattern, webPath.advice);
  const test = {
    statuses: parseStatuses(reader),
    body: reader.text('smoke-test-body'),
    attempts: reader.wholeNumber('smoke-test-attempts', 1, 60) ?? defaultAttempts,
  };
  if (path !== undefined) return { path, ...test };
  for (const input of details) {
    const value = reader.text(input);
    if (value !== undefined && reader.isFine(input))
      reader.refuse(
        input,
        value,
        `give ${pathInput} as well, or leave it out: nothing is asked without a path`,
      );
  }
  return undefined;
}

function parseStatuses(reader: InputReader): [number, number][] {
  const items = reader.list('smoke-test-status');
  if (items === undefined) return [success];
  const ranges = items.map((item): [number, number] => {
    const [, from = '', to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(item) ?? [];
    return [Number(from), Number(to)];
  });
  const bad = ranges.findIndex(([from, to]) => from === 0 || from > to);
  if (bad >= 0) {
    reader.refuse(
      'smoke-test-status',
      items[bad],
      'give HTTP statuses from 100 to 599 and ranges of them, like 200 or 200-299, 302',
    );
  }
  return ranges;
}
