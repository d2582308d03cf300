/** How long changed rules take until requests meet them: what the cloud was started with, or what a test asks for. */

/** Longer than any test waits; a change that shall never arrive has it. */
const LONGEST = 86_400;

export class RuleDelay {
  readonly #usual: number;
  #asked: number | undefined;

  /** @param seconds where no test asks for another delay */
  constructor(seconds: number) {
    this.#usual = seconds;
  }

  get milliseconds(): number {
    return (this.#asked ?? this.#usual) * 1000;
  }

  /**
   * Takes `{"weightDelay": <seconds>}`, for changes from now on.
   * @returns what holds now
   * @throws Error that says what would be right
   */
  inject(value: unknown): { weightDelay: number } {
    const { weightDelay, ...more } = (value ?? {}) as { weightDelay?: unknown };
    const isDelay = typeof weightDelay === 'number' && weightDelay >= 0 && weightDelay <= LONGEST;
    if (!isDelay || Object.keys(more).length > 0)
      throw new Error(`a fault of load balancers is {"weightDelay": <seconds>}, from 0 to ${LONGEST}`);
    this.#asked = weightDelay;
    return { weightDelay };
  }

  clear(): void {
    this.#asked = undefined;
  }
}
