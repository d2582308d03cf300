import type { DeployError } from './errors.ts';

/** The first seven digits of a commit, as git shows it. */
export function shortCommit(sha: string): string {
  return sha.slice(0, 7);
}

/** "sha256:9f3c1a2b…": enough of a digest to tell two apart. */
export function shortDigest(digest: string): string {
  return digest.replace(/^(sha256:[0-9a-f]{8})[0-9a-f]+$/, '$1…');
}

/**
 * A failure as the log shows it: the sentence, the evidence, what was left, the next step and the reason.
 * Lines after the first are indented; a label's text may have several lines.
 */
export function failureText(
  failure: Pick<DeployError, 'message' | 'evidence' | 'left' | 'next' | 'reason' | 'rollback'>,
): string {
  const width = Math.max(0, ...failure.evidence.map(({ label }) => label.length)) + 2;
  const evidence = failure.evidence.map(({ label, text }) => {
    const [first = '', ...rest] = text.trimEnd().split('\n');
    return [
      `  ${`${label}:`.padEnd(width)} ${first}`,
      ...rest.map((line) => `  ${' '.repeat(width)} ${line}`),
    ].join('\n');
  });
  const sentence = evidence.length > 0 ? `${failure.message}:` : fullStop(failure.message);
  // One wrong input is one line: "… is "9O"; give a whole number from 0 to 100. Nothing was touched."
  const short = evidence.length === 0 && failure.next === undefined && failure.reason === 'input-invalid';
  return [
    short ? `${sentence} ${failure.left ?? ''}`.trimEnd() : sentence,
    ...evidence,
    ...(short || failure.left === undefined
      ? []
      : [`  ${failure.rollback === undefined ? 'left: ' : ''}${failure.left}`]),
    ...(failure.next === undefined ? [] : [`  next: ${failure.next}`]),
    `  failure-reason=${failure.reason}`,
  ].join('\n');
}

/** Every text in a value of any shape; numbers as they are written, for a PIN may be one. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** A sentence with its full stop, unless it ends in a mark of its own. */
export function fullStop(sentence: string): string {
  return /[.!?:…]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** At most so many of a list, and how many more there are. */
export function truncatedList(names: readonly string[], most = 5): string {
  return names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** Why no answer came: the error only says that there was none, and the innermost of its causes why. */
export function rootCause(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: unknown };
  return typeof cause === 'object' && cause !== null ? rootCause(cause) : (message ?? String(error));
}
