/** A run with a log that is kept, a private folder, and an AWS at the given address. */
import { temporaryFolder } from './folders.ts';
import { commands } from '../../src/commands/registry.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import type { Inputs } from '../../src/inputs/table.ts';
import type { Run } from '../../src/run/run.ts';

export interface FakeRun {
  run: Run;
  lines: string[];
  warnings: string[];
  secrets: string[];
  /** Cancels the run. */
  controller: AbortController;
}

/** What the defaults give, so that a new input needs no line here. */
const given: Record<string, string> = { application: 'shop', environment: 'dev', 'lock-timeout': '0' };
const inputs: Inputs = parseInputs((name) => given[name] ?? '', {
  workspace: '/nonexistent',
  kind: (path) => (path.endsWith('Dockerfile') ? 'file' : 'directory'),
  commands,
});

export function fakeRun(endpoint: string, changed: Partial<Inputs> = {}): FakeRun {
  const [lines, warnings, secrets]: string[][] = [[], [], []];
  const controller = new AbortController();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
  const region = changed.region ?? inputs.region;
  const configuration = {
    region,
    credentials: async () => credentials,
    maxAttempts: 1,
    customUserAgent: 'asg-deploy-test',
    endpoint,
  };
  const run: Run = {
    inputs: { ...inputs, ...changed },
    aws: {
      region,
      accountId: '123456789012',
      partition: 'aws',
      clientConfiguration: configuration,
      childEnvironment: async () => ({
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_REGION: region,
        AWS_ENDPOINT_URL: endpoint,
      }),
      forgetCredentials: () => undefined,
    },
    log: {
      line: (text) => void lines?.push(text),
      debug: () => undefined,
      warning: (text) => void warnings?.push(text),
      secret: (value) => void secrets?.push(value),
      publish: () => undefined,
      group: async (_title, work) => work(),
    },
    signal: controller.signal,
    temporaryDirectory: temporaryFolder('test'),
    github: {
      sha: '',
      repository: 'o/r',
      runId: '1',
      runUrl: '',
      repositoryUrl: '',
      actor: 'someone',
      workspace: '',
    },
  };
  return { run, lines: lines ?? [], warnings: warnings ?? [], secrets: secrets ?? [], controller };
}
