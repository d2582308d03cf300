import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { headOf } from '../../../scripts/runner/environment.ts';
import type { CancelTimes } from '../../../scripts/runner/process.ts';
import { runAction } from '../../../scripts/runner/runner.ts';
import type { StepResult } from '../../../scripts/runner/runner.ts';

const actionDirectory = fileURLToPath(new URL('../../..', import.meta.url));
const root = fileURLToPath(new URL('root', import.meta.url));

export interface DeployOptions {
  inputs?: Record<string, string>;
  environment?: Record<string, string>;
  /** The job is cancelled when a line matches. */
  cancelOn?: RegExp;
  /** The runner's own when left out. */
  cancelTimes?: CancelTimes;
  /** What happens elsewhere when a line matches. */
  on?: [RegExp, () => Promise<unknown>];
}

/** A user's repository: a Dockerfile, a file, and a small Terraform root, which tests break one at a time. */
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
    await cp(root, join(directory, 'infrastructure'), { recursive: true });
    await project.write('Dockerfile', 'FROM scratch\nCOPY content /content\n');
    project.#git('init', '--quiet', '--initial-branch=main');
    await project.commit('content', application);
    return project;
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

  /** Changes the Terraform root, and commits it. */
  async editRoot(from: string, to: string): Promise<void> {
    const file = 'infrastructure/main.tf';
    const text = await readFile(join(this.directory, file), 'utf8');
    if (!text.includes(from)) throw new Error(`the root does not hold: ${from}`);
    await this.commit(file, text.replace(from, to));
  }

  async deploy(options: DeployOptions = {}): Promise<StepResult> {
    const { inputs = {}, environment = {}, cancelOn, cancelTimes, on } = options;
    const controller = new AbortController();
    const meanwhile: Promise<unknown>[] = [];
    const result = await runAction({
      actionDirectory,
      inputs: {
        application: this.application,
        environment: 'dev',
        'terraform-directory': 'infrastructure',
        ...inputs,
      },
      job: { workspace: this.directory },
      environment: { ...this.#cloud.environment, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
      cancel: controller.signal,
      ...(cancelTimes && { cancelTimes }),
      show: (line) => {
        if (cancelOn?.test(line)) controller.abort();
        if (on?.[0].test(line)) meanwhile.push(on[1]());
      },
    });
    await Promise.all(meanwhile);
    return result;
  }

  /** The commit that is checked out. */
  head(): string {
    return headOf(this.directory);
  }

  #git(...parameters: string[]): void {
    execFileSync('git', parameters, { cwd: this.directory });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
