import type { Service } from '../support/fleet.ts';
import { ways } from '../support/kills.ts';
import type { RolloutMoment, Way } from '../support/kills.ts';
import { deployed, rolledBack, type Case, type End } from './cases.ts';

/** A job that ends in each state of a rolling rollout, how it may, and what the next run makes of what is left. */

interface Moment {
  /** Seen when the rollout is in that state. */
  line: RegExp;
  service?: Case['service'];
  before?: (service: Service) => Promise<unknown>;
  inputs?: Record<string, string>;
  /** Where it ends at AWS, whoever ordered that. */
  there: Pick<End, 'refreshes' | 'versions' | 'saved'>;
  version?: number;
  /** What the step or its post step says. */
  says: RegExp;
  /** Why a job ends in any case; a cancel may cut short how that ended. */
  reason?: string;
}

const slowly = { drain: 10, group: { HealthCheckGracePeriod: 36_000 } };
const slow = (service: Service) => service.fault({ secondsToHealthy: 1000 });
const untouched = { refreshes: [], versions: { '1': 2 }, saved: '1' };
const back = { ...untouched, refreshes: ['RollbackSuccessful'] };
const through = { refreshes: ['Successful'], versions: { '2': 2 }, saved: '2' };
const ordered = /AWS is rolling instance refresh .* back/;

const moments: Record<RolloutMoment, Moment> = {
  'before AWS has begun the rollout': {
    line: /Rollout forecast/,
    // As often as the SDK asks in one attempt; a job that is killed does not live to hear the first answer.
    before: (service) =>
      service.callFault('StartInstanceRefresh', {
        ...{ error: 'ServiceUnavailable', delayMilliseconds: 500, times: 6 },
      }),
    there: untouched,
    says: /the job was cancelled|No instance refresh of this run is there: the instances of \S+ were not touched/,
  },
  'while AWS is asked to begin the rollout': {
    line: /Rollout forecast/,
    service: slowly,
    async before(service) {
      await slow(service);
      await service.callFault('StartInstanceRefresh', { delayMilliseconds: 300 });
    },
    there: back,
    says: ordered,
  },
  'while new instances start': {
    line: /started instance refresh/,
    service: slowly,
    before: slow,
    there: back,
    says: ordered,
  },
  'in a pause at a checkpoint': {
    line: /50 %.*1 of 2 on version 2/,
    inputs: { checkpoints: '50, 100', 'checkpoint-delay': '4000', timeout: '20000' },
    there: back,
    says: ordered,
  },
  'in the bake time': {
    line: /bake time\): 2 of 2 on version 2/,
    inputs: { 'bake-time': '4000', timeout: '20000' },
    there: back,
    says: ordered,
  },
  'when AWS calls the rollout successful': {
    line: /AWS calls the refresh successful/,
    there: through,
    says: /AWS calls the refresh successful/,
  },
  'on the way back from a bad version': {
    line: /rolling back to version 1/,
    service: { ...slowly, versions: 3 },
    before: (service) => service.fault({ bootFailure: 'pull' }, 3),
    version: 3,
    reason: 'boot-failed',
    there: back,
    says: /both instances run version 1 again|goes on to version 1|rolled back|is rolling back/,
  },
};

/** How a job may end that is over with the rollout: it may have had the time to say so. */
function endings(way: Way, { there, reason }: Moment): End[] {
  const killed = { exit: null, status: undefined, reason: undefined, ...there };
  const cancelled = rolledBack('cancelled', { status: 'cancelled', ...there });
  // It may have told all but its end.
  if (way === 'killed')
    return there === through
      ? [killed, deployed(), deployed({ exit: null }), deployed({ exit: null, reason: undefined })]
      : [killed];
  if (reason !== undefined) return ['failed', 'rolled-back'].map((status) => rolledBack(reason, { status }));
  return there === through ? [cancelled, deployed()] : [cancelled];
}

/** Whether the call of a job that is killed beside it comes to AWS, and when, nobody knows: the post step may look before. */
const isRace = (way: Way, state: string): boolean =>
  way === 'killed' && state === 'while AWS is asked to begin the rollout';

const interrupted = (way: Way): Case[] =>
  Object.entries(moments)
    .filter(([state]) => !isRace(way, state))
    .map(([state, moment]) => ({
      title: `${way} ${state}`,
      ...(moment.service !== undefined && { service: moment.service }),
      ...(moment.before !== undefined && { before: moment.before }),
      run: {
        ...{ inputs: moment.inputs ?? {}, cancelOn: moment.line, cancelTimes: ways[way] },
        ...(moment.version !== undefined && { version: moment.version }),
      },
      ends: endings(way, moment),
      says: [moment.says],
      // It brings version 2, or finds that it runs.
      then: {
        ends: [
          deployed({ refreshes: ['Successful', ...moment.there.refreshes] }),
          deployed({ status: 'unchanged', refreshes: moment.there.refreshes }),
        ],
      },
    }));

export const interruptions: Case[] = [...interrupted('cancelled'), ...interrupted('killed')];

/** What ends a job by one signal that is not the runner's comes to the same. */
export const terminations: Case[] = interrupted('terminated');
