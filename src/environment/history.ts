import type { Fleets, GroupObservation, RefreshObservation } from '../rollout/index.ts';
import {
  isActive,
  isMixture,
  isPartial,
  rollingState,
  sideToGoBackTo,
  savedTemplateVersion,
  statusMeaning,
  versionNumber,
} from '../rollout/index.ts';
import type { TemplateVersion } from './versions.ts';

/** What AWS keeps of the past: the group's refreshes (newest first) and the template's versions. */
export interface EnvironmentHistory {
  group: Pick<GroupObservation, 'template'> & Partial<Pick<GroupObservation, 'instances'>>;
  refreshes: readonly RefreshObservation[];
  versions: readonly TemplateVersion[];
  /** Both groups, where there are two: no refresh tells of what was there before, the idle group does. */
  fleets?: Pick<Fleets, 'state'>;
}

/** Where a rollback goes without being told. */
export interface RollbackTarget {
  version: number;
  /** `seen`: a refresh to it was successful; `assumed`: an earlier version that no rollout failed with. */
  from: 'seen' | 'assumed';
}

/**
 * The last version that was rolled out successfully before the one that the group runs. A return to an older version
 * takes back what came after it, so a second rollback goes further back and not forth again. Versions that are gone
 * are passed over.
 *
 * When the history names none (the first version was never refreshed to, and AWS forgets), it is the newest earlier
 * version that no refresh ended badly with.
 */
export function rollbackTarget({
  group,
  refreshes,
  versions,
  fleets,
}: EnvironmentHistory): RollbackTarget | undefined {
  const current = savedTemplateVersion(group);
  if (current === undefined) return undefined;
  const known = new Set(versions.map(({ version }) => version));
  const half = fleets === undefined ? rollingState({ instances: [], ...group }, refreshes) : undefined;
  // Two versions in one group: the one that is left.
  if (half !== undefined && isMixture(half) && known.has(half.previous))
    return { version: half.previous, from: 'seen' };
  // What a rollout under way is leaving, or has left up.
  const left = fleets && sideToGoBackTo(fleets.state)?.version;
  if (left !== undefined) return { version: left, from: 'seen' };
  const idle = fleets && idleVersion(fleets, group);
  // What the idle group launched last, and what came after it has all requests now. A higher one was taken back.
  if (idle !== undefined && idle < current && known.has(idle)) return { version: idle, from: 'seen' };
  const stack: number[] = [];
  const oldestFirst = refreshes.toReversed();
  for (const refresh of oldestFirst) {
    const version = targetVersion(refresh, group);
    // One that ended at a checkpoint has proven nothing: a person was to say how it goes on.
    if (refresh.status === 'Successful' && !isPartial(refresh) && version !== undefined)
      arrive(stack, version);
  }
  arrive(stack, current);
  const seen = stack.slice(0, -1).findLast((version) => known.has(version));
  if (seen !== undefined) return { version: seen, from: 'seen' };
  const bad = new Set(badVersions(oldestFirst, group));
  const earlier = versions
    .map(({ version }) => version)
    .filter((version) => version < current && !bad.has(version))
    .sort((one, other) => other - one);
  return earlier[0] === undefined ? undefined : { version: earlier[0], from: 'assumed' };
}

function idleVersion(
  { state: { from, to } }: Pick<Fleets, 'state'>,
  group: EnvironmentHistory['group'],
): number | undefined {
  const current = savedTemplateVersion(group);
  const other = [from, to].find(({ version }) => version !== current);
  return other?.version;
}

/** Versions are numbered as they are made: to come to a lower one is to go back, and takes back what is above it. */
function arrive(stack: number[], version: number): void {
  const kept = stack.filter((each) => each < version);
  stack.splice(0, stack.length, ...kept, version);
}

/** Versions whose last refresh ended badly. */
function badVersions(
  oldestFirst: readonly RefreshObservation[],
  group: EnvironmentHistory['group'],
): number[] {
  const bad = new Map<number, boolean>();
  for (const refresh of oldestFirst) {
    const version = targetVersion(refresh, group);
    if (version !== undefined && !isActive(refresh)) bad.set(version, refresh.status !== 'Successful');
  }
  return [...bad].flatMap(([version, isBad]) => (isBad ? [version] : []));
}

/** The version that a refresh brings, when it is one of the group's own template. */
export function targetVersion(
  { target }: RefreshObservation,
  { template }: EnvironmentHistory['group'],
): number | undefined {
  const version = versionNumber(target?.version);
  const own = target?.templateId === '' || template?.id === '' || target?.templateId === template?.id;
  return own ? version : undefined;
}

/** When the version that runs began to: the end of the refresh that brought it, or the making of the group. */
export function runsSince(
  { refreshes, group }: EnvironmentHistory,
  version: number,
  createdAt: Date | undefined,
): Date | undefined {
  const brought = refreshes.find(
    (refresh) => refresh.status === 'Successful' && targetVersion(refresh, group) === version,
  );
  if (brought !== undefined) return brought.endTime;
  return refreshes.some(({ status }) => status === 'Successful') ? undefined : createdAt;
}

/** How the last refresh to a version ended, in words, when it did not succeed. */
export function howItEnded({ refreshes, group }: EnvironmentHistory, version: number): string | undefined {
  const last = refreshes.find((refresh) => targetVersion(refresh, group) === version);
  if (last === undefined || last.status === 'Successful' || isActive(last)) return undefined;
  return statusMeaning(last.status).words;
}
