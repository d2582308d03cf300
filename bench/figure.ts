import type { Spread } from './statistics.ts';

/** One line of the table. */
export interface Row {
  what: string;
  value: Spread;
  unit: string;
  /** What it is held against, measured in the same rounds, in the same unit. */
  against?: { what: string; value: Spread };
  /** Value over what it is held against, round by round. */
  ratio?: Spread;
  aim?: { text: string; met: boolean };
  /** What explains it; of an aim that is not met, the cause. */
  note?: string;
}

/** What a run of a figure gives. */
export interface Outcome {
  rows: Row[];
  /** A drawing beside the table, as SVG. */
  chart?: string;
}

/** Something that is measured, by itself. */
export interface Figure {
  name: string;
  title: string;
  /** How it is measured, in a sentence or two; Markdown. */
  how: string;
  /** What it leaves out, a sentence each; Markdown. */
  leftOut: string[];
  measure: (bench: Bench) => Promise<Outcome>;
}

/** What a figure is given. */
export interface Bench {
  /** Rounds, or what else is repeated, where the caller asked for a number; else the figure's own. */
  rounds: number | undefined;
  /** Aborted when the bench is to end early. */
  signal: AbortSignal;
  /** Shows how it goes. */
  say: (line: string) => void;
  /** Ports from here on are the bench's; 100 of them. */
  port: number;
  /**
   * Makes something for this figure, or gives what an earlier figure of this run made under the same name; it is taken
   * down when the run ends, whatever becomes of it.
   */
  share: <T>(name: string, make: () => Promise<{ value: T; close: () => Promise<unknown> }>) => Promise<T>;
}
