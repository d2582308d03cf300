import type { PlanSummary } from '../core/index.ts';
import { truncatedList } from '../core/index.ts';
import { formatDiagnostic, placeOf } from './diagnostics.ts';
import type { Diagnostic } from './events.ts';
import type { OpenedRoot } from './opened-root.ts';
import type { PlanReview } from './plan-review.ts';
import { findingText } from './refusal.ts';

/** What a deployment would refuse is shown by a plan that only looks; in one that is applied, it is the failure. */
export function showReview(
  { run: { log }, contract }: OpenedRoot,
  { refused, warnings, others, unused }: PlanReview,
  { readOnly }: { readOnly: boolean },
): void {
  if (readOnly && refused.length > 0) {
    log.line('deploy would refuse this plan:');
    for (const finding of refused) log.line(`  ! ${findingText(finding)}`);
  }
  for (const finding of warnings) log.warning(findingText(finding));
  if (others.length > 0)
    log.warning(
      `the plan also destroys or replaces ${truncatedList(others)}: whether anything is lost with that is not known here`,
    );
  for (const entry of contract ? unused : [])
    log.warning(
      `allow-destroy names ${entry}, to which this plan does nothing that would be refused: leave it out`,
    );
}

/** What a plan would do, as its list; and what Terraform warned of and somebody changed outside it. */
export function showPlan(
  { run: { log, inputs }, contract }: OpenedRoot,
  summary: PlanSummary,
  { warnings, drifted }: { warnings: readonly Diagnostic[]; drifted: readonly string[] },
): void {
  for (const warning of warnings)
    log.warning(
      formatDiagnostic(warning),
      placeOf(warning, contract ? inputs.terraformDirectory : undefined),
    );
  for (const each of drifted) log.line(`  ! outside Terraform: ${each}`);
  for (const change of summary.changes) log.line(`  ${change}`);
  log.line(`Plan: ${summary.add} to add, ${summary.change} to change, ${summary.destroy} to destroy`);
}
