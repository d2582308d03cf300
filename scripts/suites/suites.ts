import type { UnitMissing } from './preparation.ts';
import type { Suite } from './run-suite.ts';

const jest = {
  command: 'node',
  report: 'jest',
  environment: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
} as const;

/** Terraform and its provider spend a fifth of their time on freeing memory, of which there is enough. */
const terraform = { GOGC: '400' } as const;
const endToEnd = { ...jest, environment: { ...jest.environment, ...terraform } } as const;

const jestParameters = [
  'node_modules/jest/bin/jest.js',
  '--reporters=default',
  '--reporters=<rootDir>/scripts/suites/jest-reporter.ts',
  '--selectProjects',
];

/**
 * What needs no Docker. What takes longest on one processor comes first, so that the others run beside it; a worker of
 * jest waits for a quarter of its time, so that three keep two processors busy.
 * @param slow whether every property is tried ten thousand times, which takes some more
 */
export function unitSuites(missing: UnitMissing, { slow = false } = {}): Suite[] {
  return [
    {
      title: 'Terraform',
      command: 'node',
      parameters: ['scripts/suites/terraform-test.ts'],
      environment: terraform,
      report: 'terraform',
      missing: missing.terraform,
    },
    {
      title: 'sample application',
      command: 'node',
      directory: 'sample-app',
      parameters: [
        '--test',
        '--test-reporter=spec',
        '--test-reporter-destination=stdout',
        '--test-reporter=tap',
        '--test-reporter-destination={report}',
        'test/**/*.test.js',
      ],
      report: 'tap',
      processors: 0,
    },
    { title: 'types', command: 'tsc', parameters: ['--noEmit'], report: 'exit code' },
    { title: 'format', command: 'prettier', parameters: ['--check', '.'], report: 'exit code' },
    // Its rules about dangerous calls only warn.
    { title: 'lint', command: 'eslint', parameters: ['--max-warnings', '0', '.'], report: 'exit code' },
    {
      title: 'who may read whom',
      command: 'depcruise',
      parameters: ['src', 'local-cloud', 'scripts', 'bench'],
      report: 'exit code',
    },
    {
      title: 'dist/ is what src/ builds',
      command: 'node',
      parameters: ['scripts/build.ts', '--check'],
      report: 'exit code',
    },
    {
      title: 'unit tests',
      ...jest,
      ...(slow && { environment: { ...jest.environment, PROPERTY_RUNS: '10000' } }),
      parameters: [...jestParameters, 'unit', '--maxWorkers=3'],
      processors: 2,
      missing: missing.tools,
    },
  ];
}

/**
 * What deploys for real onto the local cloud. Each file has a cloud of its own, on its own ports, and mostly waits:
 * three at a time keep two cores busy, and more make them too slow for what has a time to keep.
 * @param slow whether those that take minutes by themselves run as well
 */
export function endToEndSuites(missing: string | undefined, { slow = false } = {}): Suite[] {
  const all: Suite[] = [
    {
      title: 'end-to-end tests',
      ...endToEnd,
      parameters: [...jestParameters, 'e2e', '--maxWorkers=3'],
      processors: 2,
      missing,
    },
  ];
  if (slow)
    all.push({
      title: 'slow end-to-end tests',
      ...endToEnd,
      parameters: [...jestParameters, 'slow', '--maxWorkers=1'],
      processors: 2,
      missing,
    });
  return all;
}
