/** Terraform, and where its AWS provider comes from when the public registry can't be reached. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { arch, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { homeFolder, replaceFile, runCommand, SetupError } from '../host/index.ts';

const REGISTRY = 'registry.terraform.io';
const PROVIDER = `${REGISTRY}/hashicorp/aws`;

const settingsFile = (): string => join(homeFolder(), 'terraform.rc');

function folders(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(parent, name));
  } catch {
    return [];
  }
}

/**
 * Where a mirror may be: the plugin cache, the directories that Terraform would look in by itself (Terraform
 * documentation, "Implied Local Mirror Directories"), and folders under /opt.
 */
export function mirrorCandidates(environment: Record<string, string | undefined> = process.env): string[] {
  const shared = (environment.XDG_DATA_DIRS ?? '/usr/local/share:/usr/share').split(':');
  const data = [environment.XDG_DATA_HOME ?? join(homedir(), '.local/share'), ...shared];
  const opt = folders('/opt');
  return [
    environment.TF_PLUGIN_CACHE_DIR ?? '',
    join(homedir(), '.terraform.d/plugins'),
    ...data.map((folder) => join(folder, 'terraform/plugins')),
    ...opt,
    ...opt.flatMap(folders),
  ].filter((folder) => folder !== '');
}

/** The first candidate that has hashicorp/aws for this machine, and its versions. */
export function findMirror(candidates: string[]): { path: string; versions: string[] } | undefined {
  const target = `${platform()}_${arch() === 'x64' ? 'amd64' : arch()}`;
  for (const path of candidates) {
    const versions = folders(join(path, PROVIDER)).filter((version) => existsSync(join(version, target)));
    if (versions.length > 0)
      return { path, versions: versions.map((version) => version.split('/').at(-1) ?? '') };
  }
  return undefined;
}

async function registryAnswers(): Promise<boolean> {
  try {
    const url = `https://${REGISTRY}/.well-known/terraform.json`;
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

/**
 * Makes sure that `terraform init` finds the AWS provider: from the public registry, or else from a mirror on
 * this machine, which a settings file of ours then names.
 * @throws SetupError when there is neither
 */
export async function ensureProviderMirror(say: (line: string) => void): Promise<void> {
  if (await registryAnswers()) {
    rmSync(settingsFile(), { force: true });
    return;
  }
  const candidates = mirrorCandidates();
  const mirror = findMirror(candidates);
  if (mirror === undefined) {
    rmSync(settingsFile(), { force: true });
    throw new SetupError('The Terraform provider hashicorp/aws can not be had.', {
      why: `${REGISTRY} can not be reached, and there is no mirror in ${candidates.join(', ')}`,
      next: `on a machine that reaches it: terraform providers mirror <folder>; then TF_PLUGIN_CACHE_DIR=<folder> here`,
    });
  }
  const settings = [
    'disable_checkpoint = true',
    'provider_installation {',
    `  filesystem_mirror {\n    path    = ${JSON.stringify(mirror.path)}\n    include = ["${PROVIDER}"]\n  }`,
    `  direct {\n    exclude = ["${PROVIDER}"]\n  }`,
    '}',
    '',
  ];
  // Another cloud of this checkout may be up, and its Terraform reading it.
  replaceFile(settingsFile(), settings.join('\n'));
  const versions = mirror.versions.join(', ');
  say(`${REGISTRY} can't be reached: Terraform takes its AWS provider (${versions}) from ${mirror.path}`);
}

/** The variables that make Terraform use the mirror; none when it isn't needed. */
export function terraformEnvironment(): Record<string, string> {
  return existsSync(settingsFile()) ? { TF_CLI_CONFIG_FILE: settingsFile() } : {};
}

/** Throws SetupError when there is neither terraform nor tofu on the PATH. */
export async function ensureTerraform(): Promise<void> {
  for (const command of ['terraform', 'tofu']) {
    if ((await runCommand(command, ['version'], { timeoutSeconds: 30 })).exitCode === 0) return;
  }
  throw new SetupError('There is neither terraform nor tofu on the PATH. Nothing was started.', {
    why: 'the demo applies terraform/ with the real Terraform, version 1.11 or later',
    next: 'install it from https://developer.hashicorp.com/terraform/install and run this again',
  });
}
