import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyImage } from '../../__tests__/e2e/support/empty-images.ts';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { runAction } from '../../scripts/runner/runner.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import type { Bench, Figure, Outcome } from '../figure.ts';
import { ratioOf, spreadOf } from '../statistics.ts';
import { callsOf } from '../support/calls.ts';
import { initCommand, planCommand, stateBucket, withRoot } from '../support/root.ts';
import { runStep } from '../support/steps.ts';

const application = 'commands';
const actionDirectory = fileURLToPath(new URL('../..', import.meta.url));

/** Simulated instances boot at once; what is measured here ends before they do anything. */
const speed = 50;
const variables = { capacity: { min: 2, max: 4 }, network: { nat: 'none' } };

/** An environment on the bundled root whose image nobody pulls. */
class Environment {
  readonly #cloud: CloudDescription;
  readonly #workspace: string;
  readonly #signal: AbortSignal;

  constructor(cloud: CloudDescription, workspace: string, signal: AbortSignal) {
    this.#cloud = cloud;
    this.#workspace = workspace;
    this.#signal = signal;
  }

  image(number: number): Promise<string> {
    return emptyImage(this.#cloud, application, number);
  }

  /** @throws Error with the log when it does not end with this status */
  async act(status: string, inputs: Record<string, string>): Promise<StepResult> {
    this.#signal.throwIfAborted();
    const terraform = { 'terraform-variables': JSON.stringify(variables) };
    const needsTerraform = inputs.command === 'redeploy';
    const result = await runAction({
      actionDirectory,
      inputs: {
        ...{ application, environment: 'dev', 'state-bucket': stateBucket },
        ...(needsTerraform && terraform),
        ...inputs,
      },
      job: { workspace: this.#workspace, sha: '0'.repeat(40) },
      environment: { ...this.#cloud.environment, AWS_EC2_METADATA_DISABLED: 'true' },
      cancel: this.#signal,
    });
    if (result.outputs.status !== status)
      throw new Error(`${result.outputs.status ?? 'nothing'}:\n${result.log}`);
    return result;
  }

  async redeploy(status: string, number: number): Promise<StepResult> {
    return this.act(status, { command: 'redeploy', image: await this.image(number) });
  }

  /** Seconds that Terraform itself needs, in a fresh checkout, to find that there is nothing to do. */
  async initAndPlan(number: number): Promise<number> {
    const image = await this.image(number);
    return withRoot(application, { ...variables, image }, async (cwd) => {
      const environment = { ...this.#cloud.environment, AWS_EC2_METADATA_DISABLED: 'true' };
      const options = { cwd, environment, signal: this.#signal };
      const init = await runStep('init', initCommand(application), options);
      const plan = await runStep('plan', planCommand, options);
      if (!plan.stdout.includes('No changes.')) throw new Error(`the plan is not empty:\n${plan.stdout}`);
      return init.seconds + plan.seconds;
    });
  }

  /** Seconds from the start of the step to the call that moves the first instance. */
  async rollBack(version: number): Promise<number> {
    const began = Date.now();
    await this.act('deployed', { command: 'rollback', 'template-version': String(version) });
    const calls = await callsOf(this.#cloud);
    const first = calls.findLast(({ operation }) => operation === 'StartInstanceRefresh');
    return ((first?.at ?? NaN) - began) / 1000;
  }
}

async function measure(bench: Bench): Promise<Outcome> {
  const port = String(bench.port + 4);
  const cloud = await cloudUp(port, {
    options: ['--instances', 'simulated', '--speed', String(speed)],
    signal: bench.signal,
  });
  const workspace = await mkdtemp(join(tmpdir(), 'asg-deploy-bench-'));
  try {
    return await compare(new Environment(cloud, workspace, bench.signal), bench);
  } finally {
    await rm(workspace, { recursive: true, force: true });
    await cloudDown(port);
  }
}

async function compare(environment: Environment, { rounds = 5, say }: Bench): Promise<Outcome> {
  for (const number of [1, 2]) await environment.redeploy('deployed', number);
  const seconds = {
    redeploy: [] as number[],
    terraform: [] as number[],
    status: [] as number[],
    rollback: [] as number[],
  };
  for (let round = 0; round < rounds; round += 1) {
    seconds.terraform.push(await environment.initAndPlan(2));
    seconds.redeploy.push((await environment.redeploy('unchanged', 2)).seconds);
    seconds.status.push((await environment.act('reported', { command: 'status' })).seconds);
    say(`round ${round + 1} of ${rounds}`);
  }
  for (let round = 0; round < rounds; round += 1)
    seconds.rollback.push(await environment.rollBack(1 + (round % 2)));
  const more = spreadOf(
    seconds.redeploy.map((value, round) => 1000 * (value - (seconds.terraform[round] ?? NaN))),
  );
  const status = spreadOf(seconds.status);
  const rollback = spreadOf(seconds.rollback);
  return {
    rows: [
      {
        what: 'redeploy with nothing to do',
        value: spreadOf(seconds.redeploy),
        unit: 's',
        against: { what: "Terraform's own init and plan", value: spreadOf(seconds.terraform) },
        ratio: ratioOf(seconds.redeploy, seconds.terraform),
      },
      {
        what: '… more than Terraform itself',
        value: more,
        unit: 'ms',
        aim: { text: '≤ 150 ms', met: more.median <= 150 },
      },
      { what: '`status`', value: status, unit: 's', aim: { text: '≤ 1.5 s', met: status.median <= 1.5 } },
      {
        what: '`rollback` to the first call that moves something',
        value: rollback,
        unit: 's',
        aim: { text: '≤ 3 s', met: rollback.median <= 3 },
      },
    ],
  };
}

export const commands: Figure = {
  name: 'commands',
  title: 'Commands that change little or nothing',
  how: 'The bundled Terraform root on simulated instances; every job begins in a fresh checkout, as on a runner.',
  leftOut: ["the download of Terraform's AWS provider, which comes from this machine's disk."],
  measure,
};
