import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Run } from '../run/index.ts';
import { runCommand } from '../run/index.ts';
import { installTerraform } from './install.ts';
import type { Candidate, Flavour } from './select.ts';
import { parseVersion, selectTerraform, whyNot } from './select.ts';

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
 * Finds a terraform or tofu on the PATH whose version will do, or installs the pinned Terraform.
 * @throws DeployError terraform-unavailable, saying how to get it
 */
export async function prepareTerraform(run: Run): Promise<Terraform> {
  const candidates: Candidate[] = [];
  for (const flavour of ['terraform', 'tofu'] as const) {
    const binary = await firstOnPath(names[flavour]);
    if (binary !== undefined) candidates.push({ flavour, binary, version: await versionOf(run, binary) });
  }
  const chosen = selectTerraform(candidates);
  if (chosen?.version !== undefined) {
    const { flavour, binary, version } = chosen;
    run.log.line(`${flavour === 'tofu' ? 'OpenTofu' : 'Terraform'} ${version} (${binary})`);
    return { flavour, binary, version };
  }
  const binary = await installTerraform(run, whyNot(candidates));
  const version = (await versionOf(run, binary)) ?? run.inputs.terraformVersion;
  return { flavour: 'terraform', binary, version };
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
      env: { CHECKPOINT_DISABLE: '1' },
    });
    return exitCode === 0 ? parseVersion(stdout) : undefined;
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.debug(`${binary} can't be run: ${String(error)}`);
    return undefined;
  }
}
