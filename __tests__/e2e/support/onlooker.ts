import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SavedPlans } from './saved-plans.ts';
import { watch } from './watch.ts';

/** Larger files in a run's folder are providers and layers. */
const largest = 4 << 20;

/** What there was to be seen while something was done. */
export interface Sight {
  /** The argument list of every process of the machine, which every user can read. */
  argumentLists: Set<string>;
  /** NAME=value of the run's children, by the name of the program. */
  environments: Map<string, Set<string>>;
  /** What was in the run's private folder, by path. */
  files: Map<string, Buffer>;
  /** Permissions of that folder. */
  modes: Set<string>;
}

/**
 * Looks over the shoulder of the runs that have a variable in their environment, as root can on Linux.
 *
 * @param mark NAME=value, which no other process of the machine has
 */
export class Onlooker {
  readonly sight: Sight = {
    argumentLists: new Set(),
    environments: new Map(),
    files: new Map(),
    modes: new Set(),
  };
  /** Terraform's plans among those files. */
  readonly plans = new SavedPlans();
  readonly #mark: string;
  readonly #endWatch: () => Promise<void>;

  private constructor(mark: string) {
    this.#mark = mark;
    this.#endWatch = watch(() => this.#look(), 50);
  }

  static begin(mark: string): Onlooker {
    return new Onlooker(mark);
  }

  async end(): Promise<void> {
    await this.#endWatch();
  }

  async #look(): Promise<void> {
    for (const pid of await readdir('/proc')) if (/^\d+$/.test(pid)) await this.#lookAt(pid);
  }

  async #lookAt(pid: string): Promise<void> {
    const list = (await text(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ').trim();
    if (list === '') return;
    this.sight.argumentLists.add(list);
    const environment = (await text(`/proc/${pid}/environ`)).split('\0');
    if (!environment.includes(this.#mark)) return;
    const program = basename(list.split(' ')[0] ?? '').replace(/_v\d.*/, '');
    const known = this.sight.environments.get(program) ?? new Set();
    for (const line of environment) known.add(line);
    this.sight.environments.set(program, known);
    const folder = environment.find((line) => line.startsWith('RUNNER_TEMP='))?.slice('RUNNER_TEMP='.length);
    if (program === 'node' && folder !== undefined) await this.#lookInto(folder);
  }

  async #lookInto(folder: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name.startsWith('asg-deploy-'))
          this.sight.modes.add(((await stat(path).catch(() => undefined))?.mode ?? 0).toString(8).slice(-3));
        await this.#lookInto(path);
      } else if (entry.isFile()) await this.#keep(path);
    }
  }

  async #keep(path: string): Promise<void> {
    const { size = 0, mtimeMs = 0 } = (await stat(path).catch(() => undefined)) ?? {};
    const version = `${path} ${mtimeMs}`;
    if (size === 0 || size > largest || this.sight.files.has(version)) return;
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return;
    this.sight.files.set(version, bytes);
    if (bytes.subarray(0, 2).toString() === 'PK') await this.plans.look(path);
  }
}

const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
