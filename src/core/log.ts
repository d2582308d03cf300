/** Where the phases write. The entry decides how it looks; tests collect the lines. */
export interface Log {
  line(text: string): void;
  /** Shown only when the runner's debug logging is on. */
  debug(text: string): void;
  /** A warning in the log and an annotation on the run. */
  warning(text: string): void;
  /** From here on the value is shown as *** wherever it would appear. */
  secret(value: string): void;
  /** Everything that `work` writes is folded under `title`. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
}
