/**
 * The candidate that was most likely meant: one that the word begins with or the other way round
 * (`production` for `prod`), else the one with the fewest typing mistakes.
 *
 * @returns undefined when nothing is near: more than a third of the letters differ, at least two.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const begins = candidates.find(
    (candidate) => typed.length >= 3 && (typed.startsWith(candidate) || candidate.startsWith(typed)),
  );
  if (begins !== undefined) return begins;
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: typingDistance(typed, candidate.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const best = ranked[0];
  if (best === undefined || best.distance > Math.max(2, Math.floor(typed.length / 3))) return undefined;
  return best.candidate;
}

/**
 * The candidate of which a word is most likely a misspelling: a fifth of its letters are wrong at the most, or it breaks off
 * after two words or more (`min-healthy` for `min-healthy-percentage`). Stricter than `nearest`, for words that need not
 * mean any of them.
 */
export function misspelt(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const brokenOff = candidates.find((candidate) => typed.includes('-') && candidate.startsWith(`${typed}-`));
  const most = Math.max(1, Math.floor(typed.length / 5));
  return brokenOff ?? candidates.find((candidate) => typingDistance(typed, candidate) <= most);
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function typingDistance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
