/**
 * The order of the test files: the longest first, so that none of them begins when all others have ended. jest knows how
 * long a file took, but not in a fresh checkout, where it goes by their sizes.
 */
import type sequencer from '@jest/test-sequencer';
import { createRequire } from 'node:module';

// Its types are those of its CommonJS half.
const { default: TestSequencer } = createRequire(import.meta.url)('@jest/test-sequencer') as typeof sequencer;

type Tests = Awaited<ReturnType<sequencer.default['sort']>>;

/** End-to-end tests that take minutes, by what they took. */
const longest = [
  ...['failures', 'deploy', 'environments', 'bundled-root', 'fleet', 'blue-green', 'user-data', 'rollout'],
  ...['two-runs', 'workflows', 'plan-review', 'bad-luck', 'blue-green-terraform', 'image-identity'],
].map((name) => `/e2e/${name}.test.ts`);

const rank = (path: string): number => {
  const place = longest.findIndex((end) => path.endsWith(end));
  return place < 0 ? longest.length : place;
};

export default class LongestFirst extends TestSequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const sorted = await super.sort(tests);
    return sorted.toSorted((one, other) => rank(one.path) - rank(other.path));
  }
}
