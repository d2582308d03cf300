import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { DeployError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { runCommand, runInParallel } from '../run/index.ts';
import { installTerraform } from './install.ts';
import { prepareJob, jobVariables } from './job-variables.ts';
import { examineRoot } from './examine.ts';
import type { Candidate, Demand, Flavour, Requirement } from './select.ts';
import { minimumVersion, parseVersion, selectTerraform, versionToInstall, whyNot } from './select.ts';

/** A program that can run a root. */
export interface Terraform {
  flavour: Flavour;
  /** Absolute path. */
  binary: string;
  version: string;
}

/** hashicorp/setup-terraform puts a wrapper in front that swallows signals and exit codes; the program lies beside it. */
const names: Record<Flavour, string[]> = {
  terraform: ['terraform-bin', 'terraform'],
  tofu: ['tofu-bin', 'tofu'],
};

/**
 * Looks at a root, and finds a terraform or tofu on the PATH whose version will do for it, or installs a Terraform that
 * does. A root that the action can't work with is refused before anything is touched.
 * @param directory absolute path of the root; undefined where it makes no demands
 * @throws DeployError input-invalid, terraform-contract as `examineRoot`; terraform-contract where no version will do;
 *   terraform-unavailable, saying how to get it
 */
export async function prepareTerraform(run: Run, directory?: string): Promise<Terraform> {
  await prepareJob(run);
  // Programs say their version while the root is read.
  const [candidates, requirements] = await runInParallel(run, candidatesOnPath, (branch) =>
    requirementsOf(branch, directory),
  );
  const demand = { exact: run.inputs.terraformVersion, requirements };
  const wanted = versionToInstall(demand);
  if (wanted === undefined) throw noVersion(demand);
  const chosen = selectTerraform(candidates, demand);
  if (chosen?.version !== undefined) {
    const { flavour, binary, version } = chosen;
    run.log.line(`${flavour === 'tofu' ? 'OpenTofu' : 'Terraform'} ${version} (${binary})`);
    return { flavour, binary, version };
  }
  const binary = await installTerraform(run, whyNot(candidates, demand), wanted);
  return { flavour: 'terraform', binary, version: (await versionOf(run, binary)) ?? wanted };
}

async function requirementsOf(run: Run, directory: string | undefined): Promise<Requirement[]> {
  return directory === undefined ? [] : (await examineRoot(run, directory)).requirements;
}

function noVersion({ exact, requirements }: Demand): DeployError {
  const asked = requirements.map(({ constraint, file }) => ({
    label: file,
    text: `required_version ${constraint}`,
  }));
  return new DeployError({
    reason: 'terraform-contract',
    message:
      exact === undefined
        ? `no version of Terraform is ${minimumVersion.terraform} or later, as the action needs it, and meets what the root requires`
        : `terraform-version is ${exact}, which is not what the root and the action require`,
    evidence: [...asked, { label: 'the action', text: `${minimumVersion.terraform} or later` }],
    left: 'Nothing was touched.',
    next:
      exact === undefined
        ? 'widen required_version, in the root or in the module that has it'
        : 'give a terraform-version that meets all of them, or leave it out: one that does is found or installed',
  });
}

async function candidatesOnPath(run: Run): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const flavour of ['terraform', 'tofu'] as const) {
    const binary = await firstOnPath(names[flavour]);
    if (binary !== undefined) candidates.push({ flavour, binary, version: await versionOf(run, binary) });
  }
  return candidates;
}

async function firstOnPath(programs: readonly string[]): Promise<string | undefined> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter((part) => part !== '')) {
    for (const program of programs) {
      const path = join(folder, program + suffix);
      const found = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return path;
    }
  }
  return undefined;
}

async function versionOf(run: Run, binary: string): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runCommand(run, binary, ['version', '-json'], {
      env: { ...jobVariables(run), CHECKPOINT_DISABLE: '1' },
    });
    return exitCode === 0 ? parseVersion(stdout) : undefined;
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.debug(`${binary} can't be run: ${String(error)}`);
    return undefined;
  }
}
