/** A run with a log that is kept, a private folder, and an AWS at the given address. */
import { temporaryFolder } from './folders.ts';
import type { Inputs } from '../../src/inputs/parse.ts';
import type { Run } from '../../src/run/run.ts';

export interface FakeRun {
  run: Run;
  lines: string[];
  warnings: string[];
  secrets: string[];
  /** Cancels the run. */
  controller: AbortController;
}

const inputs: Inputs = {
  command: 'deploy',
  application: 'shop',
  environment: 'dev',
  region: 'eu-north-1',
  roleToAssume: undefined,
  context: '/nonexistent',
  dockerfile: '/nonexistent/Dockerfile',
  buildArguments: [],
  target: undefined,
  platform: undefined,
  image: undefined,
  terraformDirectory: undefined,
  terraformVariables: {},
  terraformVersion: '1.11.4',
  terraformMirror: undefined,
  stateBucket: undefined,
  lockTable: undefined,
  lockTimeout: 0,
  minHealthyPercentage: undefined,
  maxHealthyPercentage: undefined,
  instanceWarmup: undefined,
  checkpoints: undefined,
  checkpointDelay: undefined,
  bakeTime: undefined,
  alarms: undefined,
  autoRollback: true,
  skipMatching: true,
  onActiveRefresh: 'wait',
  onCancel: 'rollback',
  timeout: 3600,
  unhealthyTimeout: undefined,
  smokeTest: undefined,
  templateVersion: undefined,
  confirmDestroy: undefined,
  githubToken: undefined,
};

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
      group: async (_title, work) => work(),
    },
    signal: controller.signal,
    temporaryDirectory: temporaryFolder('test'),
    github: { sha: '', repository: 'o/r', runId: '1', runUrl: '', actor: 'someone', workspace: '' },
  };
  return { run, lines: lines ?? [], warnings: warnings ?? [], secrets: secrets ?? [], controller };
}
