import { AsyncLocalStorage } from 'node:async_hooks';
import { duration } from '../core/index.ts';
import type { Log, Place } from '../core/index.ts';
import { annotationAt, longestAnnotation } from './annotation.ts';
import { Secrets } from './secrets.ts';

/** What the log needs of @actions/core. */
export interface LogToolkit {
  info: (text: string) => void;
  debug: (text: string) => void;
  warning: (text: string, at?: { file?: string; startLine?: number }) => void;
  setSecret: (value: string) => void;
  startGroup: (title: string) => void;
  endGroup: () => void;
}

interface Group {
  title: string;
  /** Written while another group was shown. */
  waiting: string[];
  ended: boolean;
  /** What is written below it: how long it took. */
  took: string;
}

/**
 * The log of a run on GitHub. Phases that run side by side each keep their own group: the runner knows only one
 * at a time, so what the second one writes waits until the first has ended. A group within a group is a line.
 * Whatever others say can't become a workflow command (`::set-env …`, `##[…]`).
 */
export class RunnerLog implements Log {
  readonly warnings: string[] = [];
  readonly #toolkit: LogToolkit;
  readonly #here = new AsyncLocalStorage<Group>();
  readonly #secrets = new Secrets();
  readonly #told = new Set<string>();
  readonly #queue: Group[] = [];
  #shown: Group | undefined;

  constructor(toolkit: LogToolkit) {
    this.#toolkit = toolkit;
  }

  line(text: string): void {
    const group = this.#here.getStore();
    if (group === undefined || group === this.#shown || group.ended) this.#write(text);
    else group.waiting.push(text);
  }

  debug(text: string): void {
    this.#toolkit.debug(this.mask(text));
  }

  warning(text: string, place?: Place): void {
    const masked = this.mask(text);
    this.warnings.push(masked);
    if (masked.length > longestAnnotation) this.line(text);
    const shown = shortened(masked);
    if (place === undefined) this.#toolkit.warning(shown);
    else this.#toolkit.warning(shown, annotationAt(place));
  }

  secret(value: string, of = 'a secret of this job'): void {
    const { added, shownBy } = this.#secrets.add(value);
    added.forEach((text) => this.#toolkit.setSecret(text));
    for (const what of shownBy) this.#tellNotMasked(`${of} is secret, and its value, or a part of it,`, what);
  }

  publish(names: Readonly<Record<string, string>>, parts = true): void {
    for (const what of this.#secrets.publish(names, parts)) this.#tellNotMasked('a secret of this job', what);
  }

  #tellNotMasked(subject: string, what: string): void {
    const text = `${subject} is also ${what}, which is public: it is not masked. Where it has to stay secret, give it another value; where not, let it not be sensitive`;
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.warning(text);
  }

  async group<T>(title: string, work: () => Promise<T>): Promise<T> {
    if (this.#here.getStore() !== undefined) {
      this.line(title);
      return work();
    }
    const group: Group = { title, waiting: [], ended: false, took: '' };
    const began = performance.now();
    let word = 'failed after';
    if (this.#shown === undefined) this.#show(group);
    else this.#queue.push(group);
    try {
      const result = await this.#here.run(group, work);
      word = 'done in';
      return result;
    } finally {
      group.ended = true;
      group.took = `  ${word} ${duration((performance.now() - began) / 1000)}`;
      if (this.#shown === group) this.#next();
    }
  }

  /** The text with every secret that is known so far as ***. */
  mask(text: string): string {
    return this.#secrets.mask(text);
  }

  #show(group: Group): void {
    this.#shown = group;
    this.#toolkit.startGroup(group.title);
    for (const text of group.waiting.splice(0)) this.#write(text);
  }

  #next(): void {
    do {
      this.#toolkit.endGroup();
      this.#toolkit.info(this.#shown?.took ?? '');
      this.#shown = undefined;
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#show(next);
    } while ((this.#shown as Group | undefined)?.ended);
  }

  #write(text: string): void {
    for (const line of this.mask(text).split('\n')) {
      this.#toolkit.info(line.replace(/^(\s*)(::|##\[)/, '$1· $2'));
    }
  }
}

/** With the end of a text, which says more than what was cut of it. */
function shortened(text: string): string {
  if (text.length <= longestAnnotation) return text;
  const half = longestAnnotation / 2 - 50;
  return `${text.slice(0, half)}\n… left out here; the whole is above in the log …\n${text.slice(-half)}`;
}
