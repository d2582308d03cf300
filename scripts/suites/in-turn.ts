/** Shows a line of a program's standard output, or of its standard error. */
export type Show = (line: string, stream: 'stdout' | 'stderr') => void;

/** Where lines go at last. */
export const showAtOnce: Show = (line, stream) =>
  stream === 'stdout' ? console.log(line) : console.error(line);

/** One of several that write at the same time. */
export interface Turn {
  show: Show;
  /** Says that it writes no more. */
  end: () => void;
}

/**
 * What several write at the same time, one after the other: the lines of the first are shown at once, those of another
 * when all before it have ended.
 */
export function takeTurns(count: number, show: Show = showAtOnce): Turn[] {
  const held = Array.from({ length: count }, (): Parameters<Show>[] => []);
  const ended = new Set<number>();
  let current = 0;
  const end = (index: number): void => {
    ended.add(index);
    while (ended.has(current)) {
      current += 1;
      for (const line of held[current]?.splice(0) ?? []) show(...line);
    }
  };
  return held.map((lines, index) => ({
    show: (...line) => (index <= current ? show(...line) : void lines.push(line)),
    end: () => end(index),
  }));
}
