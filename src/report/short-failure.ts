import { failureText } from '../core/index.ts';
import type { DeployError } from '../core/index.ts';

/** Characters of each sentence, and pieces of evidence, that are kept at most. */
const most = { sentence: 700, pieces: 5, label: 60 };
/** Characters of a piece of evidence, tried one after the other: an indented line counts for more than its own. */
const sizes = [1500, 700, 300, 150, 70];

/**
 * A failure as the log shows it, in at most so many characters, of which there have to be 3,000: whole where it fits, else
 * with less evidence and the end of each piece, so that what happened, what was left and what to do next are there. Pure.
 */
export function shortFailureText(failure: DeployError, characters: number): string {
  const whole = failureText(failure);
  if (whole.length <= characters) return whole;
  const evidence = failure.evidence.slice(0, most.pieces);
  const fitting = sizes
    .map((size) => shortened(failure, evidence, size))
    .find((text) => text.length <= characters);
  return fitting ?? shortened(failure, [], 0);
}

function shortened(failure: DeployError, evidence: DeployError['evidence'], size: number): string {
  const { message, left, next, reason, rollback } = failure;
  const note = { label: 'in full', text: 'above in this log' };
  return failureText({
    ...{ message: beginning(message), reason },
    evidence: [
      ...evidence.map(({ label, text }) => ({ label: label.slice(0, most.label), text: end(text, size) })),
      note,
    ],
    left: left === undefined ? undefined : beginning(left),
    next: next === undefined ? undefined : beginning(next),
    ...(rollback && { rollback }),
  });
}

function beginning(text: string): string {
  return text.length <= most.sentence ? text : `${text.slice(0, most.sentence)}…`;
}

function end(text: string, size: number): string {
  const trimmed = text.trimEnd();
  return trimmed.length <= size ? trimmed : `…${trimmed.slice(-size)}`;
}
