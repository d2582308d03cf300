import { describe, expect, it } from '@jest/globals';
import { replacedFor, RolloutTracker } from '../../../src/rollout/monitor/tracker.ts';
import { failedLaunch, group, instance, target } from '../helpers/observations.ts';

describe('replacedFor', () => {
  const at = 'At 2026-11-22T12:00:00Z an instance was taken out of service in response to';
  it.each([
    [`${at} an ELB system health check failure.`, 'elb'],
    [`${at} an EC2 instance status check failure.`, 'ec2'],
    [`${at} an EC2 health check that indicated it had been terminated or stopped.`, 'ec2'],
    [`${at} a user health-check.`, 'user'],
    [
      `${at} an instance refresh.  At 2026-11-22T12:00:00Z instance i-1 was selected for termination.`,
      undefined,
    ],
    [
      `${at} a difference between desired and actual capacity, shrinking the capacity from 3 to 2.`,
      undefined,
    ],
    [
      'At 2026-11-22T12:00:00Z an instance was launched in response to an unhealthy instance needing to be replaced.',
      undefined,
    ],
  ])('%s', (cause, expected) => {
    expect(replacedFor(cause)).toBe(expected);
  });
});

describe('lapses', () => {
  it('are counted once a lapse, and only by what the load balancer says', () => {
    const history = new RolloutTracker({ templateId: 'lt-1', version: 42, previousVersion: 41 }, 0);
    const fleet = group({ instances: [instance('i-1', { templateVersion: 42 }), instance('i-0a')] });
    const states = ['initial', 'healthy', 'unhealthy', 'unhealthy', 'initial', 'healthy', 'unhealthy'];
    for (const [index, state] of states.entries())
      history.see(index * 10, {
        group: fleet,
        targets: [target('i-1', state), target('i-0a', state === 'unhealthy' ? state : 'healthy')],
      });
    expect(history.facts(70, '')).toMatchObject({ instances: [{ lapses: 2 }], oldUnhealthy: 1 });
  });
});

describe('alarms', () => {
  it('that were in ALARM once are remembered as they were', () => {
    const history = new RolloutTracker({ templateId: 'lt-1', version: 42, previousVersion: 41 }, 0);
    const alarm = { name: 'errors', state: 'ALARM', reason: '30 % > 5 %' };
    history.see(0, { alarms: [alarm] });
    expect(history.facts(20, '')).toMatchObject({ alarms: [{ ...alarm, seconds: 20 }], alarmsSeen: [alarm] });
    history.see(30, { alarms: [{ ...alarm, state: 'OK', reason: '' }] });
    expect(history.facts(30, '')).toMatchObject({ alarms: [], alarmsSeen: [alarm] });
  });
});

describe('new instances', () => {
  it('are starting before the group lists them, and gone when it does so no longer', () => {
    const history = new RolloutTracker({ templateId: 'lt-1', version: 42, previousVersion: 41 }, 0);
    const activity = { ...failedLaunch(''), statusCode: 'InProgress', instanceId: 'i-1' };
    const state = () => history.facts(0, '').instances[0]?.lifecycleState;
    history.see(0, { group: group(), activities: [activity] });
    expect(state()).toBe('Pending');
    history.see(10, { group: group({ instances: [instance('i-1', { templateVersion: 42 })] }) });
    expect(state()).toBe('InService');
    history.see(20, { group: group() });
    expect(state()).toBe('gone');
  });
});
