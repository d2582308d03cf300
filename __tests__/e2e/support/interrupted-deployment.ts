import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import type { StepResult } from '../../../scripts/runner/runner.ts';
import { Aws } from './aws.ts';
import { Control } from './control.ts';
import { ways } from './kills.ts';
import type { Way } from './kills.ts';
import { expectFailure, expectSuccess } from './outcome.ts';
import { Project } from './project.ts';
import { expectServed } from './rollout.ts';

/** When a deployment is stopped: at a line of its log, or when AWS gets a call. */
export type Stop =
  | { line: RegExp }
  | {
      service: string;
      operation: string;
      /** So many of these calls go through before. */
      after?: number;
      /** The call is carried out, and its answer finds nobody; else it gets lost. */
      done: boolean;
    };

/** Where an environment's state is, and what it is called. */
export interface Place {
  environment: string;
  bucket: string;
  table: string;
}

/** For so long AWS sits on the call at which a job is stopped. */
const held = 1200;

/** An application whose deployments are stopped in the middle, and then made again. */
export class InterruptedDeployment {
  readonly project: Project;
  readonly #cloud: CloudDescription;
  readonly #control: Control;
  readonly #aws: Aws;

  private constructor(project: Project, cloud: CloudDescription) {
    this.project = project;
    this.#cloud = cloud;
    this.#control = new Control(cloud);
    this.#aws = new Aws(cloud);
  }

  static async create(application: string, cloud: CloudDescription): Promise<InterruptedDeployment> {
    return new InterruptedDeployment(await Project.create(application, cloud), cloud);
  }

  async remove(): Promise<void> {
    this.#aws.close();
    await this.project.remove();
  }

  /** Another environment, on the same network. */
  async addEnvironment(name: string): Promise<void> {
    const variables = join(this.project.directory, 'infrastructure/environments/dev.tfvars');
    await this.project.commit(
      `infrastructure/environments/${name}.tfvars`,
      await readFile(variables, 'utf8'),
    );
  }

  deploy(place: Place): Promise<StepResult> {
    return this.project.deploy({ inputs: inputsOf(place) });
  }

  /**
   * Stops a deployment, sees that nothing of it is left on the machine and that no lock needs more than the post step
   * says, and deploys again, all without fewer instances in service than there were.
   * @returns the stopped run, and the next one
   */
  async stopAndGoOn(place: Place, way: Way, stop: Stop): Promise<{ stopped: StepResult; next: StepResult }> {
    const group = `${this.project.application}-${place.environment}`;
    const both = await expectServed(
      () => this.#aws.group(group),
      async () => {
        const stopped = await this.#stop(place, way, stop);
        expect(stopped.leftovers).toEqual([]);
        expect(stopped.temporaryFiles).toEqual([]);
        expect(stopped.postExitCode).toBe(0);
        await this.#releaseAsTold(place, stopped);
        return { stopped, next: await this.deploy(place) };
      },
    );
    expectSuccess(both.next);
    expect(both.next.annotations).toEqual([]);
    expect(await this.#aws.heldLocks(place.bucket, place.table)).toEqual([]);
    return both;
  }

  /**
   * A Terraform was killed before it could write down what it had made: the next run names it, and what to do, and goes on
   * when it is gone.
   */
  async expectUnknown(place: Place, way: Way, stop: Stop): Promise<void> {
    const stopped = await this.#stop(place, way, stop);
    await this.#releaseAsTold(place, stopped);
    const name = `${this.project.application}-${place.environment}`;
    const next = await this.deploy(place);
    expectFailure(
      next,
      'terraform-apply',
      /next: what is there already is not in this state: .* import it \(terraform import '\S+' <id>\)/,
    );
    await this.#aws.remove(name);
    expectSuccess(await this.deploy(place));
    await this.expectSettled(place);
  }

  /** Nothing is left to be done: the plan is empty, and every instance runs what it is to run. */
  async expectSettled(place: Place): Promise<void> {
    const again = await this.deploy(place);
    expectSuccess(again);
    expect(again.outputs.status).toBe('unchanged');
    const name = `${this.project.application}-${place.environment}`;
    expect(await this.#aws.templatesAndGroups(name)).toEqual({ templates: [name], groups: [name] });
    const version = again.outputs['template-version'];
    expect(await this.#aws.versions(name)).toEqual([version, version]);
  }

  async #stop(place: Place, way: Way, stop: Stop): Promise<StepResult> {
    const cancelTimes = ways[way];
    const options = { inputs: inputsOf(place), cancelTimes };
    const result = await this.project.deploy(
      'line' in stop
        ? { ...options, cancelOn: stop.line }
        : { ...options, cancelWhen: (ended) => this.#control.metBy(faultOf(stop), ended) },
    );
    await this.#control.forgetFaults();
    if (result.conclusion !== 'cancelled') throw new Error(`it was not stopped:\n${result.log}`);
    // What AWS holds back is done by then.
    await sleep(held);
    return result;
  }

  /** A lock that is still held after the post step is released by what it says, word for word. */
  async #releaseAsTold({ bucket, table }: Place, { log }: StepResult): Promise<void> {
    const locks = await this.#aws.heldLocks(bucket, table).catch(() => []);
    if (locks.length === 0) return;
    const [, command] = /release it in the Terraform folder: (.*)/.exec(log) ?? [];
    if (command === undefined) throw new Error(`${locks.join()} is held, and nobody says so:\n${log}`);
    execFileSync('sh', ['-c', command.replace('force-unlock', 'force-unlock -force')], {
      cwd: join(this.project.directory, 'infrastructure'),
      env: { ...process.env, ...this.#cloud.environment },
      stdio: 'ignore',
    });
  }
}

function inputsOf({ environment, bucket, table }: Place): Record<string, string> {
  return { environment, 'state-bucket': bucket, 'lock-table': table };
}

function faultOf({ service, operation, after = 0, done }: Exclude<Stop, { line: RegExp }>) {
  const error = done ? {} : { error: 'ServiceUnavailable' };
  return { service, operation, after, delayMilliseconds: held, ...error };
}
