/**
 * The order of the test files: the longest first, so that none of them begins when all others have ended. jest itself goes by
 * what a file took last, and in a fresh checkout by its size.
 */
import type sequencer from '@jest/test-sequencer';
import { createRequire } from 'node:module';

// Its types are those of its CommonJS half.
const { default: TestSequencer } = createRequire(import.meta.url)('@jest/test-sequencer') as typeof sequencer;

type Tests = Awaited<ReturnType<sequencer.default['sort']>>;

/**
 * End-to-end tests that take minutes, in an order in which what waits for Terraform's provider or for a clock runs beside
 * what boots containers.
 */
export const longest = [
  ...['environments', 'bundled-root', 'deploy', 'failures', 'fleet', 'rollout', 'blue-green', 'user-data'],
  ...['two-runs', 'workflows', 'plan-review', 'bad-luck', 'blue-green-terraform', 'image-identity'],
].map((name) => `/e2e/${name}.test.ts`);

function rank(path: string): number {
  const place = longest.findIndex((end) => path.endsWith(end));
  return place < 0 ? longest.length : place;
}

export default class LongestFirst extends TestSequencer {
  /** The list first, whatever else jest knows; the others stay in their order. */
  static order(paths: readonly string[]): string[] {
    return paths.toSorted((one, other) => rank(one) - rank(other));
  }

  override async sort(tests: Tests): Promise<Tests> {
    const byPath = new Map((await super.sort(tests)).map((test) => [test.path, test]));
    return LongestFirst.order([...byPath.keys()]).flatMap((path) => byPath.get(path) ?? []);
  }
}
