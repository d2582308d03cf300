import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { headOf } from '../../../scripts/runner/environment.ts';
import type { Job } from '../../../scripts/runner/environment.ts';
import type { GithubCommit } from '../../../scripts/runner/github-commits.ts';
import type { CancelTimes } from '../../../scripts/runner/process.ts';
import { runAction } from '../../../scripts/runner/runner.ts';
import type { StepResult } from '../../../scripts/runner/runner.ts';
import { existingLoadBalancer, existingNetwork, existingTargetGroup } from './existing-network.ts';

export const actionDirectory = fileURLToPath(new URL('../../..', import.meta.url));
const root = join(actionDirectory, 'terraform/examples/minimal');

export interface DeployOptions {
  inputs?: Record<string, string>;
  environment?: Record<string, string>;
  /** The job is cancelled when a line matches. */
  cancelOn?: RegExp;
  /** The job is cancelled when this resolves; it is aborted when the job has ended. */
  cancelWhen?: (ended: AbortSignal) => Promise<unknown>;
  /** The runner's own when left out. */
  cancelTimes?: CancelTimes;
  /** What the job has that others have not: an event, a token. */
  job?: Partial<Job>;
  /** What happens elsewhere when a line matches. */
  on?: [RegExp, () => Promise<unknown>];
}

/**
 * A user's repository: a Dockerfile, a file, and a copy of the documented example root, deployed into a network that
 * exists. Tests break the root one at a time.
 */
export class Project {
  readonly application: string;
  readonly directory: string;
  readonly #cloud: CloudDescription;

  private constructor(application: string, directory: string, cloud: CloudDescription) {
    this.application = application;
    this.directory = directory;
    this.#cloud = cloud;
  }

  static async create(application: string, cloud: CloudDescription): Promise<Project> {
    const directory = await mkdtemp(join(tmpdir(), 'project-'));
    const project = new Project(application, directory, cloud);
    await cp(root, join(directory, 'infrastructure'), {
      recursive: true,
      filter: (source) => !source.endsWith('.tftest.hcl'),
    });
    await mkdir(join(directory, 'infrastructure/environments'));
    const variables = await project.#variables();
    for (const environment of ['dev', 'staging', 'prod'])
      await project.write(`infrastructure/environments/${environment}.tfvars`, variables);
    await project.write('Dockerfile', 'FROM scratch\nCOPY content /content\n');
    project.#git('init', '--quiet', '--initial-branch=main');
    await project.commit('content', application);
    return project;
  }

  /** The same repository as another job checks it out. */
  async checkOut(): Promise<Project> {
    const directory = await mkdtemp(join(tmpdir(), 'project-'));
    await cp(this.directory, directory, { recursive: true });
    return new Project(this.application, directory, this.#cloud);
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.directory, file), text);
  }

  /** Writes a file and commits everything. */
  async commit(file: string, text: string): Promise<void> {
    await this.write(file, text);
    this.#git('add', '--all');
    this.#git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '-m', file);
  }

  /** What docs/your-own-terraform.md asks for. */
  async #variables(): Promise<string> {
    const network = await existingNetwork(this.#cloud);
    const name = `${this.application}-${randomUUID().slice(0, 8)}`;
    const targetGroup = await existingTargetGroup(this.#cloud, network, name);
    await existingLoadBalancer(this.#cloud, network, { name, targetGroup });
    const variables = {
      subnet_ids: network.subnetIds,
      security_group_ids: [network.securityGroupId],
      target_group_arn: targetGroup,
      instance_profile: this.application,
      url: 'http://127.0.0.1',
      ami_id: 'ami-0123456789abcdef0',
      // Simulated machines boot fast, and a test waits for as long as these say.
      ...{ health_check_grace_period: 180, default_instance_warmup: 60 },
    };
    return Object.entries(variables)
      .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
      .join('');
  }

  /** Changes a file of the Terraform root, and commits it. */
  async editRoot(name: string, from: string, to: string): Promise<void> {
    const file = `infrastructure/${name}`;
    const text = await readFile(join(this.directory, file), 'utf8');
    if (!text.includes(from)) throw new Error(`the root does not hold: ${from}`);
    await this.commit(file, text.replace(from, to));
  }

  async deploy(options: DeployOptions = {}): Promise<StepResult> {
    const { inputs = {}, environment = {}, cancelOn, cancelWhen, cancelTimes, job, on } = options;
    const controller = new AbortController();
    const ended = new AbortController();
    cancelWhen?.(ended.signal).then(
      () => controller.abort(),
      () => undefined,
    );
    const meanwhile: Promise<unknown>[] = [];
    const result = await runAction({
      actionDirectory,
      inputs: {
        application: this.application,
        environment: 'dev',
        'terraform-directory': 'infrastructure',
        ...inputs,
      },
      job: { ...job, workspace: this.directory },
      environment: { ...this.#cloud.environment, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
      cancel: controller.signal,
      ...(cancelTimes && { cancelTimes }),
      show: (line) => {
        if (cancelOn?.test(line)) controller.abort();
        if (on?.[0].test(line)) meanwhile.push(on[1]());
      },
    });
    ended.abort();
    await Promise.all(meanwhile);
    return result;
  }

  /** Where the repository was cloned from. */
  remote(url: string): void {
    this.#git('remote', 'add', 'origin', url);
  }

  /** The commit that is checked out. */
  head(): string {
    return headOf(this.directory);
  }

  /** Its commits as GitHub knows them, each after its parents. */
  history(): GithubCommit[] {
    const [field, end] = ['%x1f', '%x1e'];
    const format = ['%H', '%P', '%an', '%B'].join(field) + end;
    return this.#git('log', '--reverse', '--topo-order', `--format=${format}`)
      .split('\x1e')
      .map((text) => text.trim().split('\x1f'))
      .flatMap(([sha = '', parents = '', author = '', message = '']) =>
        sha === '' ? [] : [{ sha, parents: parents.split(' ').filter(Boolean), author, message }],
      );
  }

  #git(...parameters: string[]): string {
    return execFileSync('git', parameters, { cwd: this.directory, encoding: 'utf8' });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
