import { existsSync } from 'node:fs';
import { chmod, copyFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Notice } from './core/index.ts';

/**
 * Keeps what a Terraform that lost its run could not write to its backend (`errored.tfstate`): the folder that it is in goes,
 * and it is the only record of what was made.
 *
 * @param folder the private one of the run
 * @param into the job's workspace, or '' for none
 * @param name of the environment: shop-prod
 */
export async function keepStates(folder: string, into: string, name: string): Promise<Notice[]> {
  const paths = await readdir(folder, { recursive: true }).catch(() => []);
  const errored = paths
    .filter((path) => basename(path) === 'errored.tfstate')
    .map((path) => join(folder, path));
  const notices: Notice[] = [];
  for (const path of errored) {
    const kept = join(
      existsSync(into) ? into : tmpdir(),
      `${name}-${Date.now()}-${notices.length}.errored.tfstate`,
    );
    await copyFile(path, kept);
    await chmod(kept, 0o600);
    notices.push({
      level: 'warning',
      text: `Terraform, which went on after the step was killed, COULD NOT WRITE THE STATE of ${name}, and it is kept in ${kept}. Keep that file (it goes with the machine): in the Terraform folder, initialised with this backend, run terraform state push ${kept}, and only then run this job again.`,
    });
  }
  return notices;
}
