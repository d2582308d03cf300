import { describe, expect, it } from '@jest/globals';
import type { RolloutContext } from '../../../src/rollout/context/index.ts';
import type { AlarmObservation, Diagnosis } from '../../../src/rollout/model/index.ts';
import { diagnoseExternalEnd } from '../../../src/rollout/rolling/ended-externally.ts';
import { facts, names } from '../helpers/observations.ts';

const guards = ['errors', 'errors-dev', 'latency (p99)'];
const allOk = guards.map((name) => ({ name, state: 'OK', reason: 'Threshold not crossed' }));

/** What is told of a refresh that AWS has rolled back, saying so, with the guard alarms as they are now. */
function diagnosed(
  statusReason: string,
  now: AlarmObservation[],
  alarmsSeen: AlarmObservation[] = [],
): Promise<Diagnosis> {
  const context = { api: { alarms: () => Promise.resolve(now) }, names } as unknown as RolloutContext;
  return diagnoseExternalEnd(context, {
    refresh: {
      ...{ id: 'r-1', status: 'RollbackSuccessful', statusReason, rollbackReason: undefined },
      ...{ percentageComplete: 0, instancesToUpdate: 2, startTime: new Date(0), endTime: new Date(60_000) },
      ...{ target: undefined, desiredConfiguration: undefined, preferences: undefined },
    },
    facts: facts({ alarmsSeen }),
    alarms: guards,
  });
}

describe('a refresh that AWS has ended for an alarm names the alarm', () => {
  it.each<[string, string, AlarmObservation[], string]>([
    [
      'that is in ALARM still',
      'The alarm went off.',
      [{ name: 'errors', state: 'ALARM', reason: 'too many' }],
      'the alarm errors',
    ],
    ['that AWS names, when it is OK again', 'Alarm errors-dev is in ALARM.', allOk, 'the alarm errors-dev'],
    ['with spaces and brackets', 'Alarm "latency (p99)" is in ALARM.', allOk, 'the alarm latency (p99)'],
    ['whose state can no longer be read', 'Because of alarm errors.', [], 'the alarm errors'],
    ['or none, where AWS names none', 'An alarm is in ALARM state.', allOk, 'a guard alarm'],
  ])('%s', async (_, statusReason, now, named) => {
    const { reason, sentence } = await diagnosed(statusReason, now);
    expect([reason, sentence]).toEqual(['alarm', `the new version set off ${named}`]);
  });

  it('that was seen in ALARM, as it was then, whatever AWS says of it', async () => {
    const seen = [{ name: 'latency (p99)', state: 'ALARM', reason: '2 s > 1 s' }];
    const { sentence, evidence } = await diagnosed('', allOk, seen);
    expect(sentence).toBe('the new version set off the alarm latency (p99)');
    expect(evidence[0]).toEqual({ label: 'latency (p99)', text: '2 s > 1 s' });
  });

  it('and says what has become of it', async () => {
    const { evidence } = await diagnosed('Alarm errors is in ALARM.', allOk);
    expect(evidence[0]).toEqual({ label: 'errors', text: 'OK again: Threshold not crossed' });
  });
});
