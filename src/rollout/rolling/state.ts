import {
  isActive,
  isTerminating,
  savedTemplateVersion,
  statusMeaning,
  versionNumber,
  type GroupObservation,
  type InstanceObservation,
  type RefreshObservation,
} from '../model/index.ts';

/** Two versions in one group, of which nobody knows whether it goes on. */
export interface Mixture {
  /**
   * `paused`: a refresh ended at a checkpoint, and the group launches the version before. `partly-replaced`: it launches
   * the new one. `interrupted`: a refresh ended otherwise, and was not taken back.
   */
  kind: 'paused' | 'partly-replaced' | 'interrupted';
  /** The version that came. */
  version: number;
  /** The one that is left. */
  previous: number;
  /** Instances of the version that came, and how many there are in all. */
  instances: number;
  of: number;
}

/** How one group stands between its versions. */
export type RollingState =
  /** One version, as far as anybody knows. */
  | { kind: 'steady' }
  /** A refresh goes on; `version` is undefined where it names none. */
  | { kind: 'moving'; refresh: RefreshObservation; version: number | undefined; previous: number | undefined }
  | Mixture;

/**
 * Reads how a group stands from what AWS says alone: its refreshes (newest first), the versions of its instances and the
 * one that it launches. A refresh of which the last checkpoint is below 100 ends as Successful with the fleet partly
 * replaced, and saves its version on the group: where the group launches the version before all the same, this action has
 * paused there. Pure.
 */
export function rollingState(
  group: Pick<GroupObservation, 'instances' | 'template'>,
  refreshes: readonly RefreshObservation[],
): RollingState {
  const saved = savedTemplateVersion(group);
  const refresh = refreshes.find(isActive);
  if (refresh !== undefined)
    return { kind: 'moving', refresh, version: versionNumber(refresh.target?.version), previous: saved };
  if (saved === undefined) return { kind: 'steady' };
  const all = group.instances.filter((each) => !isTerminating(each) && isOf(each, group.template?.id));
  const count = (version: number): number => all.filter((each) => each.templateVersion === version).length;
  const versions = all.flatMap(({ templateVersion }) => templateVersion ?? []);
  const newest = Math.max(saved, ...versions);
  if (newest > saved) {
    const kind = checkpointReached(refreshes, newest) > 0 ? 'paused' : 'interrupted';
    return { kind, version: newest, previous: saved, instances: count(newest), of: all.length };
  }
  const older = versions.filter((version) => version < saved).toSorted((a, b) => count(b) - count(a))[0];
  if (older === undefined || checkpointReached(refreshes, saved) === 0) return { kind: 'steady' };
  const instances = count(saved);
  return { kind: 'partly-replaced', version: saved, previous: older, instances, of: all.length };
}

function isOf({ templateId = '' }: InstanceObservation, template = ''): boolean {
  return templateId === '' || template === '' || templateId === template;
}

/** Whether the refresh was to end before every instance is replaced, as its last checkpoint says. */
export function isPartial({ preferences }: Pick<RefreshObservation, 'preferences'>): boolean {
  return (preferences?.CheckpointPercentages?.at(-1) ?? 100) < 100;
}

/**
 * The last checkpoint, in per cent, of the refresh that brought this version last, where it ended there; 0 otherwise. What
 * was begun after it and rolled back or cancelled before it replaced anything has left it as it was. The share may have
 * changed since: groups grow, and instances die. Pure.
 */
export function checkpointReached(refreshes: readonly RefreshObservation[], version: number): number {
  const last = refreshes.find(
    ({ status, target }) => status !== 'RollbackSuccessful' && target?.version === String(version),
  );
  if (last?.status !== 'Successful' || !isPartial(last)) return 0;
  return last.preferences?.CheckpointPercentages?.at(-1) ?? 0;
}

/** Whether there is something that `promote` can go on with and `abort` can take back. */
export function isUnfinished(state: RollingState): state is Exclude<RollingState, { kind: 'steady' }> {
  return state.kind !== 'steady';
}

/** Whether two versions run, and no refresh is at it: what is to become of them, a person says. */
export function isMixture(state: RollingState): state is Mixture {
  return state.kind !== 'steady' && state.kind !== 'moving';
}

/** Per cent of the instances, which is about that of the requests. */
export function shareOf({ instances, of }: Pick<Mixture, 'instances' | 'of'>): number {
  return of === 0 ? 0 : Math.round((100 * instances) / of);
}

/** "version 42 runs on 1 of 5 instances (20 %) and waits for a person; the group launches version 41" */
export function rollingWords(state: RollingState): string {
  if (state.kind === 'steady') return 'one version runs, and nothing is under way';
  if (state.kind === 'moving') {
    const { id, status, percentageComplete } = state.refresh;
    return `instance refresh ${id} to version ${state.version ?? '?'} is ${statusMeaning(status).words}, ${percentageComplete} %`;
  }
  const { kind, version, previous, instances, of } = state;
  const why = {
    paused: 'and waits for a person',
    'partly-replaced': 'as the last checkpoint said',
    interrupted: 'after a rollout that came to no end',
  }[kind];
  const launches = kind === 'partly-replaced' ? version : previous;
  return `version ${version} runs on ${instances} of ${of} instances (${shareOf(state)} %) ${why}; the group launches version ${launches}`;
}
