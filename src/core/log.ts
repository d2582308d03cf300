/** A line of a file of the user's: relative to the workspace, or absolute. */
export interface Place {
  file: string;
  line: number;
}

/** Where the phases write. The entry decides how it looks; tests collect the lines. */
export interface Log {
  line(text: string): void;
  /** Shown only when the runner's debug logging is on. */
  debug(text: string): void;
  /** A warning in the log and an annotation on the run, at its place where it has one. */
  warning(text: string, place?: Place): void;
  /**
   * From here on the value is shown as *** wherever it would appear, unless it is a public name or a part of one: that is
   * warned of.
   * @param of what holds it, for the warning
   */
  secret(value: string, of?: string): void;
  /**
   * Names that anybody may read and that no secret hides, by what each is.
   * @param parts whether every part of them is public as well; true when left out
   */
  publish(names: Readonly<Record<string, string>>, parts?: boolean): void;
  /** Everything that `work` writes is folded under `title`. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
}
