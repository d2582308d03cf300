import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { ROOT, run } from '../../terraform/render.ts';

const repository = join(ROOT, '..');

/** Whether this clone has the commit: a shallow one may not. */
export function hasCommit(commit: string): boolean {
  return spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: repository }).status === 0;
}

/** Addresses of the resources that the root of a commit declares, sorted and without indexes. */
export function resourcesIn(commit: string): string[] {
  const declared = ['grep', '-hE', '^resource "', commit, '--', ':(glob)terraform/*.tf'];
  const lines = execFileSync('git', declared, { cwd: repository, encoding: 'utf8' });
  const names = lines.matchAll(/^resource "(\w+)" "(\w+)"/gm);
  return [...names].map(([, type, name]) => `${type}.${name}`).toSorted();
}

/** What a plan does to one resource: `terraform show -json`, resource_changes. */
export interface PlannedChange {
  address: string;
  previous_address?: string;
  mode: string;
  change: {
    actions: string[];
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
  };
}

/** A folder in which terraform/ is applied: one version of it after another, or other values, on the same state. */
export class RootOfCommit {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, cloud: CloudDescription) {
    this.#folder = folder;
    this.#env = { ...process.env, ...cloud.environment };
  }

  /** terraform/ as it was in a commit, with these values of its variables. */
  static async create(commit: string, cloud: CloudDescription, variables: object): Promise<RootOfCommit> {
    const folder = await mkdtemp(join(tmpdir(), 'root-of-commit-'));
    const archive = execFileSync('git', ['archive', `${commit}:terraform`], { cwd: repository });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    const root = new RootOfCommit(folder, cloud);
    await root.change(variables);
    await root.#initialise();
    return root;
  }

  /** terraform/ as it is now, with these values of its variables. */
  static async today(cloud: CloudDescription, variables: object): Promise<RootOfCommit> {
    const root = new RootOfCommit(await mkdtemp(join(tmpdir(), 'root-of-today-')), cloud);
    await root.change(variables);
    await root.update();
    return root;
  }

  /** Other values of the variables. */
  async change(variables: object): Promise<void> {
    await writeFile(join(this.#folder, 'terraform.tfvars.json'), JSON.stringify(variables));
  }

  /** The same state, and terraform/ as it is now. */
  async update(): Promise<void> {
    const kept = /^terraform\.(tfstate|tfvars\.json)$/;
    for (const name of await readdir(this.#folder))
      if (!kept.test(name)) await rm(join(this.#folder, name), { recursive: true });
    await cp(ROOT, this.#folder, { recursive: true, filter: (source) => !source.includes('.terraform') });
    await this.#initialise();
  }

  async apply(): Promise<void> {
    await this.#terraform('apply', '-input=false', '-auto-approve');
  }

  /** What plan() said last, without looking again. */
  async applyPlan(): Promise<void> {
    await this.#terraform('apply', '-input=false', 'upgrade.tfplan');
  }

  /** Fails, and shows the plan, when there is anything to do. */
  async expectNoChanges(): Promise<void> {
    await this.#terraform('plan', '-input=false', '-detailed-exitcode');
  }

  /** The managed resources of a plan: all of them, those without a change too. */
  async plan(): Promise<PlannedChange[]> {
    await this.#terraform('plan', '-input=false', '-out=upgrade.tfplan');
    const { resource_changes: changes } = JSON.parse(
      await this.#terraform('show', '-json', 'upgrade.tfplan'),
    ) as { resource_changes: PlannedChange[] };
    return changes.filter(({ mode }) => mode === 'managed');
  }

  /** An output of the last apply; null is none. */
  async output(name: string): Promise<unknown> {
    return JSON.parse(await this.#terraform('output', '-json', name));
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true });
  }

  async #initialise(): Promise<void> {
    const override = 'terraform {\n  backend "local" {}\n}\n';
    await writeFile(join(this.#folder, 'state_override.tf'), override);
    await this.#terraform('init', '-input=false');
  }

  async #terraform(...parameters: string[]): Promise<string> {
    const options = { cwd: this.#folder, env: this.#env };
    const { code, stdout, stderr } = await run('terraform', [...parameters, '-no-color'], options);
    if (code !== 0) throw new Error(`terraform ${parameters[0]} failed:\n${stdout}${stderr}`);
    return stdout;
  }
}
