import { DeployError } from '../core/index.ts';
import type { CommitRange, Commits, PlanSummary, ResourceEdit } from '../core/index.ts';
import type { RunRecord } from './record.ts';

/** Takes the secrets out of a text. */
export type Mask = (text: string) => string;

/** The record with the secrets out of what people or programs wrote; names and ids stay as they are. Pure. */
export function maskedRecord(record: RunRecord, mask: Mask): RunRecord {
  const { conclusion, details, plan, note, commits, warnings } = record;
  return {
    ...record,
    conclusion: conclusion && { ...conclusion, sentence: mask(conclusion.sentence) },
    note: mask(note),
    details: details.map(mask),
    warnings: warnings.map(mask),
    commits: commits && maskedCommits(commits, mask),
    plan: plan && { ...plan, changes: plan.changes.map(mask), ...maskedEdits(plan, mask) },
  };
}

function maskedCommits({ added, removed }: CommitRange, mask: Mask): CommitRange {
  const masked = ({ total, newest }: Commits): Commits => ({
    total,
    newest: newest.map(({ sha, subject, author }) => ({ sha, subject: mask(subject), author: mask(author) })),
  });
  return { added: masked(added), removed: masked(removed) };
}

function maskedEdits({ edits }: PlanSummary, mask: Mask): Pick<PlanSummary, 'edits'> {
  if (edits === undefined) return {};
  const values = ({ name, from, to }: ResourceEdit['attributes'][number]) => ({
    name,
    from: mask(from),
    to: mask(to),
  });
  return { edits: edits.map(({ address, attributes }) => ({ address, attributes: attributes.map(values) })) };
}

/** The failure with the secrets out of its words. Pure. */
export function maskedFailure(failure: DeployError, mask: Mask): DeployError {
  const { reason, message, evidence, left, rollback, next, rollout, place, cause } = failure;
  const masked = new DeployError({
    reason,
    message: mask(message),
    evidence: evidence.map(({ label, text }) => ({ label: mask(label), text: mask(text) })),
    ...(left !== undefined && { left: mask(left) }),
    ...(next !== undefined && { next: mask(next) }),
    ...(rollback && { rollback }),
    ...(rollout && { rollout }),
    ...(place && { place }),
    cause,
  });
  masked.stack = mask(failure.stack ?? '');
  return masked;
}
