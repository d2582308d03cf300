import { DeployError } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import type { RefreshObservation, RolloutTarget } from '../model/index.ts';

/**
 * The refresh of a run that overtook this one: since this run began it has brought, or is bringing, a later version of
 * the same template. Terraform makes versions one after the other under its lock, so the later version is what was
 * applied last. One that was taken back again overtook nobody. Pure.
 */
export function supersedingRefresh(
  refreshes: readonly RefreshObservation[],
  target: Pick<RolloutTarget, 'templateId' | 'version'>,
  since: Date,
): RefreshObservation | undefined {
  const newest = refreshes.find(({ status }) =>
    ['Pending', 'InProgress', 'Baking', 'Successful'].includes(status),
  );
  if (newest?.target === undefined) return undefined;
  const { templateId, version } = newest.target;
  const ours = templateId === '' || templateId === target.templateId;
  // One that is Pending has no start yet.
  const meanwhile = newest.startTime === undefined || newest.startTime >= since;
  return ours && meanwhile && Number(version) > target.version ? newest : undefined;
}

/**
 * Going on would roll a later version back. While that one is still on its way this run only steps aside where it would
 * replace it: it may fail yet, and what on-active-refresh says of it holds.
 *
 * @throws DeployError `superseded`
 */
export function requireNotSuperseded(
  { run, target, group }: RolloutContext,
  refreshes: readonly RefreshObservation[],
  since: Date,
): void {
  const { command, onActiveRefresh } = run.inputs;
  // A rollback means to go back.
  if (command === 'rollback') return;
  const other = supersedingRefresh(refreshes, target, since);
  if (other === undefined || (other.status !== 'Successful' && onActiveRefresh !== 'replace')) return;
  const version = other.target?.version ?? '';
  throw new DeployError({
    reason: 'superseded',
    message: `version ${target.version} was overtaken: another run applied version ${version} after it and rolls that one out`,
    evidence: [
      {
        label: 'instance refresh',
        text: `${other.id}, to version ${version}, ${other.percentageComplete} %`,
      },
    ],
    left: `no instance of ${group} was touched by this run: version ${version} stays`,
    next: `nothing, when the commit of version ${version} contains this one; else run this job again. With "concurrency" in the workflow the runs of one environment come one after the other`,
  });
}
