/** Seconds between two polls at the least and at the most. */
const shortestPoll = 2;
const longestPoll = 30;

/**
 * Seconds that are probably left: the forecast at first, more and more what the progress so far projects.
 * `percentage` is AWS's PercentageComplete; seconds elapsed and expected are those of the whole rollout.
 */
export function remainingSeconds(elapsed: number, percentage: number, expected: number): number {
  if (percentage >= 100) return 0;
  const projected = percentage > 0 ? (elapsed * 100) / percentage : expected;
  const total = (expected * (100 - percentage) + projected * percentage) / 100;
  return Math.max(0, total - elapsed);
}

/**
 * Seconds until the next poll: half of what is left, so that the end is seen soon after it came, and as rarely as a
 * tenth of the whole. What is overdue is asked for less and less often.
 */
export function nextPoll(elapsed: number, percentage: number, expected: number): number {
  const remaining = remainingSeconds(elapsed, percentage, expected);
  const overdue = Math.max(0, elapsed - expected);
  const longest = Math.min(longestPoll, Math.max(shortestPoll, expected / 10, overdue / 10));
  return Math.min(longest, Math.max(shortestPoll, remaining > 0 ? remaining / 2 : overdue / 10));
}
