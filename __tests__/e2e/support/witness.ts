import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Reads every member of a saved plan, which is a zip archive, onto standard output. */
const readArchive = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for name in archive.namelist():
        sys.stdout.buffer.write(archive.read(name))
`;

/**
 * Looks over the shoulder of a run: the argument lists of all processes, as every user of the machine can read them,
 * and the saved plans that it keeps while it works.
 */
export class Witness {
  readonly #arguments = new Set<string>();
  readonly #stop = new AbortController();
  #folder = '';
  #watching: Promise<void> = Promise.resolve();

  static async begin(): Promise<Witness> {
    const witness = new Witness();
    witness.#folder = await mkdtemp(join(tmpdir(), 'witness-'));
    witness.#watching = witness.#watch();
    return witness;
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { stdout } = await run('ps', ['-ww', '-eo', 'args'], { maxBuffer: 1 << 24 });
      for (const line of stdout.split('\n')) this.#arguments.add(line);
      for (const line of this.#arguments) await this.#keepPlan(/-out=(\S+)/.exec(line)?.[1]);
      await sleep(100);
    }
  }

  /** The run removes its plan when it ends; a copy that was made too early is overwritten by the next one. */
  async #keepPlan(path: string | undefined): Promise<void> {
    if (path === undefined) return;
    await copyFile(path, join(this.#folder, path.replaceAll('/', '_'))).catch(() => undefined);
  }

  /** @returns the argument lists that were seen, and the contents of every plan */
  async end(): Promise<{ arguments: string; plans: string[] }> {
    this.#stop.abort();
    await this.#watching;
    const plans = await Promise.all(
      (await readdir(this.#folder)).map(async (name) => {
        const { stdout } = await run('python3', ['-c', readArchive, join(this.#folder, name)], {
          maxBuffer: 1 << 28,
          encoding: 'latin1',
        });
        return stdout;
      }),
    );
    await rm(this.#folder, { recursive: true, force: true });
    return { arguments: [...this.#arguments].join('\n'), plans };
  }
}
