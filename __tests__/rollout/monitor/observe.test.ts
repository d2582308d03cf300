import { describe, expect, it } from '@jest/globals';
import { CourseRecorder, type RolloutContext } from '../../../src/rollout/context/index.ts';
import { observe } from '../../../src/rollout/monitor/observe.ts';
import { RolloutTracker } from '../../../src/rollout/monitor/tracker.ts';
import { failedLaunch, group, instance } from '../helpers/observations.ts';

const failed = '[  9.1] ASG_DEPLOY_BOOT_FAILED step=pull image=shop@sha256:1 instance=i-1';

describe('the consoles of new instances', () => {
  it('are read at once where an activity says that it was given up, though the older list still has it as it was', async () => {
    const history = new RolloutTracker({ templateId: 'lt-1', version: 42, previousVersion: 41 }, 0);
    const given = { ...failedLaunch(''), id: 'given-up', kind: 'terminate' as const, instanceId: 'i-1' };
    const cause = 'an instance was taken out of service in response to a user health-check.';
    const context = {
      group: 'shop-prod',
      clock: { now: () => 5 },
      course: new CourseRecorder(0),
      api: {
        group: () => Promise.resolve(group({ instances: [instance('i-1', { templateVersion: 42 })] })),
        targets: () => Promise.resolve([]),
        activities: () => Promise.resolve([{ ...given, cause }]),
        console: () => Promise.resolve(failed),
      },
    } as unknown as RolloutContext;
    // The order of a tracker that knows the instance, and hears of its end only now.
    await observe(context, history, { since: undefined, alarms: [], consoles: false });
    await observe(context, history, { since: new Date(0), alarms: [], consoles: true });
    expect(history.facts(5, '').instances).toMatchObject([
      { replacedFor: 'user', marker: { outcome: 'failed', step: 'pull' } },
    ]);
  });
});
