import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runAction } from '../runner/runner.ts';
import type { StepResult } from '../runner/runner.ts';
import { instancesInService } from './cloud.ts';
import type { CloudDescription } from './cloud.ts';
import { minimumRequests } from './expectations.ts';
import type { DemoRun } from './expectations.ts';
import { underLoad } from './load.ts';
import type { LoadReport } from './load-process.ts';
import type { Load } from './load.ts';
import { readRow, writeRow } from './row.ts';
import type { Row } from './row.ts';
import { readPhases } from './summary-phases.ts';
import { commitVersion } from './versions.ts';
import type { DemoVersion } from './versions.ts';

export interface Demo {
  cloud: CloudDescription;
  repository: string;
  signal: AbortSignal;
  show: (line: string) => void;
  /** From version 1 on. */
  url?: string;
  row?: Row;
}

export const application = 'notes';
export const environment = 'dev';

const actionDirectory = fileURLToPath(new URL('../..', import.meta.url));
const toolCache = fileURLToPath(new URL('../../.local-cloud/tools', import.meta.url));

/**
 * Two instances and a database; waits as short as AWS allows, so that the demo shows the real thing without the
 * patience that real machines need. The variables are the bundled Terraform root's own.
 */
const terraformVariables = {
  capacity: { min: 2, max: 4 },
  network: { nat: 'none' },
  service: { instance_type: 't3.micro', warmup_seconds: 10, startup_timeout_seconds: 30 },
  load_balancer: {
    health_check_interval_seconds: 5,
    unhealthy_threshold: 2,
    deregistration_delay_seconds: 5,
  },
  database: { backup_days: 1 },
  observability: { log_days: 7 },
};

/** Commits a version, deploys it as a push to main would, and looks at what came of it; under load from version 2 on. */
export async function deployVersion(demo: Demo, demoVersion: DemoVersion): Promise<DemoRun> {
  const group = `${application}-${environment}`;
  const sha = await commitVersion(demo.repository, demoVersion);
  const instancesBefore = await instancesInService(demo.cloud, group);
  const { result: step, load } = await stepUnderLoad(demo, demoVersion, sha);
  demo.signal.throwIfAborted();
  const instancesAfter = await instancesInService(demo.cloud, group);
  if (step.outputs.url) demo.url ??= step.outputs.url;
  return {
    demoVersion,
    sha,
    step,
    phases: readPhases(step.summary),
    instancesBefore,
    instancesAfter,
    load,
    row: await lookForRow(demo),
  };
}

/** The first version is deployed where there is no service yet to send requests to. */
async function stepUnderLoad(
  demo: Demo,
  demoVersion: DemoVersion,
  sha: string,
): Promise<{ result: StepResult; load?: LoadReport }> {
  if (demo.url === undefined) return { result: await runStep(demo, demoVersion, sha) };
  return underLoad({ url: demo.url, connections: 20, rate: 400 }, async (load) => {
    const step = await runStep(demo, demoVersion, sha);
    if (demoVersion.number === 2) await untilSent(load, demo.signal);
    return step;
  });
}

async function runStep(
  demo: Demo,
  { number, version, subject }: DemoVersion,
  sha: string,
): Promise<StepResult> {
  return runAction({
    actionDirectory,
    inputs: {
      command: 'deploy',
      application,
      environment,
      'build-args': `APP_VERSION=${version}`,
      'terraform-variables': JSON.stringify(terraformVariables),
      'smoke-test-path': '/readyz',
      timeout: '900',
    },
    job: {
      workspace: demo.repository,
      runId: String(1000 + number),
      runNumber: String(number),
      event: { ref: 'refs/heads/main', after: sha, head_commit: { id: sha, message: subject } },
    },
    environment: demo.cloud.environment,
    toolCache,
    cancel: demo.signal,
    show: demo.show,
  });
}

/** Users do not leave when a rollout ends: the load goes on until it has said something about their number, too. */
async function untilSent(load: Load, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < 120 && load.sent() < minimumRequests; waited += 1) {
    await sleep(1000, undefined, { signal });
  }
}

/** Written once, right after the first deployment; read back after each. */
async function lookForRow(demo: Demo): Promise<DemoRun['row']> {
  if (demo.url === undefined) return { found: false, version: '' };
  demo.row ??= await writeRow(demo.url);
  return readRow(demo.url, demo.row);
}
