import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SavedPlans } from './saved-plans.ts';
import { watch } from './watch.ts';

const run = promisify(execFile);

export interface Seen {
  /** The argument lists of all processes, one a line. */
  arguments: string;
  /** What is in each saved plan. */
  plans: string[];
}

/** Looks on while something is done, and no longer; rejects when no saved plan was seen whole. */
export async function witnessed<T>(work: () => Promise<T>): Promise<{ result: T; seen: Seen }> {
  const witness = new Witness();
  try {
    const result = await work();
    return { result, seen: await witness.end() };
  } catch (error) {
    await witness.end().catch(() => undefined);
    throw error;
  }
}

/**
 * Looks over the shoulder of a run: the argument lists of all processes, as every user of the machine can read them,
 * and the saved plans that it keeps while it works.
 */
class Witness {
  readonly #arguments = new Set<string>();
  readonly #plans = new SavedPlans();
  readonly #endWatch = watch(() => this.#look(), 100);

  async #look(): Promise<void> {
    const { stdout } = await run('ps', ['-ww', '-eo', 'args'], { maxBuffer: 1 << 24 });
    for (const line of stdout.split('\n')) this.#arguments.add(line);
    const plans = [...this.#arguments].flatMap((line) => /-out=(\S+)/.exec(line)?.[1] ?? []);
    // The run removes its plan when it ends.
    for (const path of new Set(plans)) await this.#plans.look(path);
  }

  async end(): Promise<Seen> {
    await this.#endWatch();
    return { arguments: [...this.#arguments].join('\n'), plans: await this.#plans.read() };
  }
}
