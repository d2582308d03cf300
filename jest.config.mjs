/** The unit half needs no Docker; what does lives in __tests__/e2e, each file with ports of its own. */
const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};

export default {
  // A busy machine is slow, which is no failure; and a hook that was not waited for leaves what it had to end.
  testTimeout: 300_000,
  // A worker holds most of a gigabyte in the end: freeing it takes a busy machine longer than jest's half a second.
  // One that really keeps something open is still forced, and said to be.
  workerGracefulExitTimeout: 10_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/__tests__/e2e/'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/__tests__/e2e/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.slow\\.test\\.ts$'],
    },
    // What takes minutes by itself: `npm run test:full`.
    { ...shared, displayName: 'slow', testMatch: ['<rootDir>/__tests__/e2e/**/*.slow.test.ts'] },
  ],
};
