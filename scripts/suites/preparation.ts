import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureProviderMirror,
  ensurePython,
  ensureTerraform,
  setUp,
  stopDockerEngine,
  terraformEnvironment,
} from '../../local-cloud/setup/index.ts';
import { ensureTools } from './tools.ts';
import type { Tool } from './tools.ts';

const startedFor = 'tests';
type Say = (line: string) => void;

const say: Say = (line) => console.log(line);

/** What a part of the tests needs and could not be had, in words; undefined when all is there. */
type Missing = string | undefined;

/** What each suite of the unit half lacks. */
export interface UnitMissing {
  terraform: Missing;
  tools: Missing;
}

/**
 * Prepares what the unit half needs. Without Terraform, only Terraform's own tests are left out.
 *
 * @param root the checkout
 * @param tools what its tests may call
 */
export async function prepareUnit(root: string, tools: Tool[]): Promise<UnitMissing> {
  installSampleApp(root);
  await ensurePython(say);
  return { tools: await ensureTools('unit', say, tools), terraform: await missingTerraform(say) };
}

/**
 * Prepares what the end-to-end half needs: Docker, its images, the emulator, tools, Terraform and its provider.
 *
 * @param tools what its tests may call
 * @param say told of everything that is done to the machine
 */
export function prepareEndToEnd(tools: Tool[], say: Say): Promise<Missing> {
  return attempt(async () => {
    await setUp({ instances: 'docker', startedFor, say });
    return (await ensureTools('e2e', say, tools)) ?? (await missingTerraform(say));
  });
}

/** Ends the Docker engine if it was started for the tests. Clouds that tests take down leave it running. */
export async function cleanUpEndToEnd(): Promise<void> {
  await stopDockerEngine(startedFor, say);
}

let terraform: Promise<Missing> | undefined;

/** Looked for once, whichever half asks first: the other may be running it by then. */
function missingTerraform(say: Say): Promise<Missing> {
  terraform ??= attempt(async () => {
    await ensureTerraform();
    await ensureProviderMirror(say);
    return undefined;
  }).finally(() => Object.assign(process.env, terraformEnvironment()));
  return terraform;
}

/** What `work` says is missing, or why it failed. */
async function attempt(work: () => Promise<Missing>): Promise<Missing> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The sample application is a project of its own, with its own packages. */
function installSampleApp(root: string): void {
  const directory = join(root, 'sample-app');
  const installed = join(directory, 'node_modules/.package-lock.json');
  const fresh =
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(directory, 'package-lock.json')).mtimeMs;
  if (fresh) return;
  say('installing the packages of sample-app/ (npm ci)');
  const { status } = spawnSync('npm', ['ci'], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('npm ci failed in sample-app/: its messages are above');
}
