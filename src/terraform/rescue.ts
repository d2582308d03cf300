import { existsSync } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from '../run/index.ts';
import type { OpenedRoot } from './opened-root.ts';
import { placeOf } from './opened-root.ts';

/** Where the state of an apply that went wrong is. */
export type SavedState = { in: 'backend' } | { in: 'file'; path: string };

const attempts = 3;

/**
 * Terraform leaves `errored.tfstate` behind when it can't write the state to the backend: the only record of what
 * was made. It is written to the backend again, and kept in the workspace when that fails too.
 * @param pause milliseconds between two attempts
 */
export async function rescueState(root: OpenedRoot, pause = 3_000): Promise<SavedState> {
  const { run, copy, terraform } = root;
  const errored = join(copy, 'errored.tfstate');
  if (!existsSync(errored)) return { in: 'backend' };
  const place = await placeOf(root);
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    // Not the run's signal: what was made must be recorded even when the job was cancelled.
    const { exitCode } = await runChild(
      { log: run.log, signal: new AbortController().signal },
      terraform.binary,
      ['state', 'push', '-no-color', '-lock-timeout=5s', errored],
      { ...place, silent: true, patient: true },
    );
    if (exitCode === 0) {
      run.log.line('Terraform could not write its state at first; it was written to the backend now');
      return { in: 'backend' };
    }
    if (attempt < attempts && !run.signal.aborted) await sleep(pause);
  }
  const safe = run.github.workspace === '' ? tmpdir() : run.github.workspace;
  const { application, environment: stage } = run.inputs;
  const path = join(safe, `${application}-${stage}-${Date.now()}.errored.tfstate`);
  await copyFile(errored, path);
  await chmod(path, 0o600);
  return { in: 'file', path };
}
