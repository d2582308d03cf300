import { isMixture, rollingState, rollingWords, shareOf, type RollingState } from '../rollout/index.ts';
import type { Fleets, GroupObservation, RefreshObservation, TrafficMinute } from '../rollout/index.ts';

/** Minutes of requests that a report sums up. */
export const figureMinutes = 5;

/** A group that runs two versions since a rollout paused, or came to no end. */
export interface UnfinishedStatus {
  state: 'paused' | 'partly-replaced' | 'interrupted';
  /** The same in words. */
  words: string;
  version: number;
  previousVersion: number;
  /** Instances of the version, and of all. */
  instances: number;
  of: number;
  /** Per cent. */
  share: number;
  /** Of the last minutes and of both versions, which one target group has together; null where nothing is known of them. */
  requests: number | null;
  errors: number | null;
  /** Minutes that requests and errors are of. */
  minutes: number;
}

/** What is looked at. */
interface SeenGroup {
  fleets?: Fleets;
  group: GroupObservation;
  refreshes: readonly RefreshObservation[];
  traffic?: readonly TrafficMinute[];
}

/** How one group stands; steady where there are two, whose weights tell it. Pure. */
export function stateOfGroup({ fleets, group, refreshes }: SeenGroup): RollingState {
  return fleets === undefined ? rollingState(group, refreshes) : { kind: 'steady' };
}

/** null where one version runs, or a refresh is moving it. Pure. */
export function unfinishedOf(environment: SeenGroup): UnfinishedStatus | null {
  const state = stateOfGroup(environment);
  if (!isMixture(state)) return null;
  const { kind, version, previous, instances, of } = state;
  const recent = (environment.traffic ?? []).slice(-figureMinutes);
  const sum = (what: 'requests' | 'errors'): number | null =>
    recent.length === 0
      ? null
      : Math.round(
          recent
            .flatMap(({ byTargetGroup }) => Object.values(byTargetGroup))
            .reduce((all, traffic) => all + traffic[what], 0),
        );
  return {
    ...{ state: kind, words: rollingWords(state), version, previousVersion: previous },
    ...{ instances, of, share: shareOf(state) },
    ...{ requests: sum('requests'), errors: sum('errors'), minutes: recent.length },
  };
}

/** What a person can do. */
export const choices = '  the command promote goes on with it, abort takes it back';

/** Figures, and what a person can do. Pure. */
export function unfinishedLines({ requests, errors, minutes }: UnfinishedStatus): string[] {
  return [
    ...(requests === null || errors === null
      ? []
      : [`  both versions together: ${requests} requests and ${errors} errors in ${minutes} min`]),
    choices,
  ];
}
