import { describe, expect, it } from '@jest/globals';
import { diagnose } from '../../../src/rollout/diagnosis/diagnose.ts';
import type { RolloutFacts } from '../../../src/rollout/model/facts.ts';
import { RolloutTracker } from '../../../src/rollout/monitor/tracker.ts';
import { bootMarker } from '../../../src/rollout/model/boot-marker.ts';
import { restartedCause, evaluateRollout } from '../../../src/rollout/verdict/verdict.ts';
import { bootFailed, facts, group, instance, newInstance, serving, target } from '../helpers/observations.ts';

/** A container that ends after it was healthy: Docker starts it again, and the load balancer may never notice. */

const names = {
  version: 'the new version',
  instances: 'new instances',
  application: 'shop',
  environment: 'prod',
  healthPath: '/healthz',
};
const ok = '[  9.1] ASG_DEPLOY_BOOT_OK image=shop@sha256:1 instance=i-1 seconds=9';
const again = [
  '[ 69.1] ASG_DEPLOY_RESTARTED image=shop@sha256:1 instance=i-1 reason=the container ended (exit code 7) after it was healthy',
  'ASG_DEPLOY_LOG listening on 3000',
  'ASG_DEPLOY_LOG Error: the cache is full',
];
const steady = (id: string) => ({ ...serving(id), marker: bootMarker(ok) });
const restarted = (id: string, restarts = 1) => ({
  ...serving(id),
  marker: bootMarker([ok, ...Array.from({ length: restarts }, () => again).flat()].join('\n')),
});

describe('a container that was started again', () => {
  it('is read from the console', () => {
    expect(restarted('i-1', 2).marker).toMatchObject({
      outcome: 'restarted',
      details: 'the container ended (exit code 7) after it was healthy',
      logged: true,
      restarts: 2,
    });
    expect(steady('i-1').marker).toMatchObject({ outcome: 'ok', restarts: 0 });
  });

  it('is seen on a console that was read before', () => {
    const history = new RolloutTracker({ templateId: 'lt-1', version: 42, previousVersion: 41 }, 0);
    const fleet = group({ instances: [instance('i-1', { templateVersion: 42 })] });
    const look = (now: number, text: string) =>
      history.see(now, { group: fleet, targets: [target('i-1')], consoles: [{ instanceId: 'i-1', text }] });
    look(10, ok);
    look(70, [ok, ...again].join('\n'));
    expect(history.facts(70, '').instances).toMatchObject([{ serving: true, marker: { restarts: 1 } }]);
  });

  it.each<[string, Partial<RolloutFacts>, boolean]>([
    ['two of two', { instances: [restarted('i-1'), restarted('i-2')] }, true],
    ['the only one, twice', { instances: [restarted('i-1', 2)] }, true],
    ['the only one, once', { instances: [restarted('i-1')] }, false],
    ['one of two, twice', { instances: [restarted('i-1', 2), steady('i-2')] }, false],
    [
      'two, and many whose console nobody has read',
      { instances: [restarted('i-1'), restarted('i-2'), ...['i-3', 'i-4', 'i-5'].map(serving)] },
      true,
    ],
    [
      'two among three steady ones',
      { instances: [restarted('i-1'), restarted('i-2'), ...['i-3', 'i-4', 'i-5'].map(steady)] },
      false,
    ],
    [
      'two while an old one is unhealthy as well',
      { instances: [restarted('i-1'), restarted('i-2')], oldUnhealthy: 1 },
      false,
    ],
    [
      'two that an earlier run has brought up',
      { instances: [restarted('i-1'), restarted('i-2')].map((each) => ({ ...each, early: true })) },
      false,
    ],
  ])('condemns: %s', (_, change, condemned) => {
    const decided = evaluateRollout(facts(change), { instance: 300, hook: 900, stall: 1200 });
    expect(decided.kind === 'condemn' ? decided.cause.kind : decided.kind).toBe(
      condemned ? 'restarted' : 'keep-waiting',
    );
    expect(restartedCause(facts(change)) !== undefined).toBe(condemned);
  });

  it('is told with its last words, how often it ended, and what to do', () => {
    const seen = facts({ instances: [restarted('i-1', 2), restarted('i-2')] });
    const cause = restartedCause(seen);
    expect(cause && diagnose(cause, seen, names)).toMatchObject({
      reason: 'boot-failed',
      sentence:
        'the new version does not stay up: the container exited with code 7 after it was healthy, on 2 of 2 new instances',
      evidence: [
        { label: 'what the container said last', text: 'Error: the cache is full   (i-1)' },
        { label: 'and around it', text: 'listening on 3000' },
        { label: 'how often', text: 'Docker started it again 2 times on i-1' },
      ],
      next: 'run the image on your machine with the same configuration and mend what stops it, then run this job again',
    });
  });

  it('does not hide a boot that fails', () => {
    const change = { instances: [bootFailed('i-1'), bootFailed('i-2'), newInstance('i-3')] };
    const decided = evaluateRollout(facts(change), { instance: 300, hook: 900, stall: 1200 });
    expect(decided).toMatchObject({ kind: 'condemn', cause: { kind: 'boot' } });
  });
});
