import { describe, expect, it } from '@jest/globals';
import { type RolloutFacts } from '../../../src/rollout/model/facts.ts';
import {
  verdictTimeouts,
  likeliestCause,
  evaluateRollout,
  type Cause,
  restartedCause,
} from '../../../src/rollout/verdict/verdict.ts';
import {
  abandoned,
  bootFailed,
  facts,
  failedLaunch,
  gone,
  group,
  held,
  instance,
  names,
  newInstance,
  replaced,
  serving,
  target,
  targetGroup,
  timedOut,
  timeouts,
} from '../helpers/observations.ts';
import { diagnose } from '../../../src/rollout/diagnosis/diagnose.ts';
import { RolloutTracker } from '../../../src/rollout/monitor/tracker.ts';
import { bootMarker } from '../../../src/rollout/model/boot-marker.ts';

const scarce =
  'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (eu-north-1a).';
const many = (count: number) => Array.from({ length: count }, (_, index) => serving(`i-${index}f`));

describe('verdict: condemns', () => {
  it.each<[string, Partial<RolloutFacts>, Cause['kind']]>([
    ['two boots that failed', { instances: [bootFailed('i-1'), bootFailed('i-2')] }, 'boot'],
    [
      'one boot that failed and another that gave itself up unread',
      { instances: [bootFailed('i-1'), replaced('i-2', 'user')] },
      'boot',
    ],
    [
      'more failed boots than serve',
      { instances: [serving('i-0'), bootFailed('i-1'), bootFailed('i-2'), bootFailed('i-3')] },
      'boot',
    ],
    [
      'two instances replaced for failed load balancer checks',
      { instances: [replaced('i-1'), replaced('i-2')] },
      'replaced',
    ],
    ['two that stopped', { instances: [replaced('i-1', 'ec2'), replaced('i-2', 'ec2')] }, 'replaced'],
    [
      'one that outlived the timeout unhealthy',
      { instances: [newInstance('i-1', { inService: 201, notServing: 201 })] },
      'unhealthy',
    ],
    [
      'one that served and then did not for the whole timeout',
      { instances: [newInstance('i-1', { hasServed: true, notServing: 300, inService: 900 })] },
      'unhealthy',
    ],
    [
      'two launches that can never work',
      { failedLaunches: [failedLaunch(gone, 2), failedLaunch(gone, 1)] },
      'launch',
    ],
    [
      'no capacity for the whole timeout',
      { failedLaunches: [3, 2, 1].map((second) => failedLaunch(scarce, second)), failedLaunchSpan: 200 },
      'launch',
    ],
    ['a hook whose heartbeat ran out', { failedLaunches: [failedLaunch(timedOut, 1, 'Cancelled')] }, 'hook'],
    [
      'two instances that a hook turned away',
      { failedLaunches: [2, 1].map((second) => failedLaunch(abandoned, second, 'Cancelled')) },
      'hook',
    ],
    ['a hook that nobody completes', { instances: [held(900)] }, 'hook'],
    [
      'an alarm that AWS does not act on',
      { alarms: [{ name: 'errors', state: 'ALARM', reason: '', seconds: 60 }] },
      'alarm',
    ],
    ['a rollout in which nothing moves', { quiet: 1200 }, 'stalled'],
  ])('%s', (_, change, kind) => {
    expect(evaluateRollout(facts(change), timeouts)).toMatchObject({ kind: 'condemn', cause: { kind } });
  });
});

describe('verdict: keeps waiting', () => {
  it.each<[string, Partial<RolloutFacts>]>([
    ['nothing seen yet', {}],
    [
      'a slow start within the timeout',
      { instances: [newInstance('i-1', { inService: 199, notServing: 199 })] },
    ],
    [
      'a slow start that the load balancer calls unhealthy for now',
      {
        instances: [
          newInstance('i-1', { notServing: 150, targets: [target('i-1', 'unhealthy', 'Target.Timeout')] }),
        ],
      },
    ],
    ['one boot that failed: it may be the machine', { instances: [bootFailed('i-1')] }],
    ['a dud among those that serve', { instances: [...many(5), bootFailed('i-1'), bootFailed('i-2')] }],
    [
      'three duds of a hundred',
      { instances: [...many(97), replaced('i-1'), replaced('i-2'), replaced('i-3')] },
    ],
    [
      'a straggler among those that serve',
      { instances: [...many(3), newInstance('i-1', { notServing: 900 })] },
    ],
    [
      'boots that failed before this run',
      {
        instances: [
          { ...bootFailed('i-1'), early: true },
          { ...replaced('i-2', 'user'), early: true },
          bootFailed('i-3'),
        ],
      },
    ],
    ['one instance replaced', { instances: [replaced('i-1'), newInstance('i-2')] }],
    [
      'instances that went for other reasons, a scale-in say',
      {
        instances: [
          newInstance('i-1', { lifecycleState: 'gone' }),
          newInstance('i-2', { lifecycleState: 'gone' }),
        ],
      },
    ],
    ['one failed launch', { failedLaunches: [failedLaunch(gone, 1)] }],
    [
      'failed launches before one that worked',
      { failedLaunches: [failedLaunch(gone, 2), failedLaunch(gone, 1)], launchedSince: true },
    ],
    [
      'no capacity for a moment',
      { failedLaunches: [3, 2, 1].map((second) => failedLaunch(scarce, second)), failedLaunchSpan: 60 },
    ],
    ['one instance that a hook turned away', { failedLaunches: [failedLaunch(abandoned, 1, 'Cancelled')] }],
    ['a hook at work', { instances: [held(899)] }],
    ['a slow hook that has let others in', { instances: [held(2000), serving('i-2')] }],
    [
      'an alarm that AWS is about to act on',
      { alarms: [{ name: 'errors', state: 'ALARM', reason: '', seconds: 59 }] },
    ],
    ['a pause', { quiet: 1199 }],
  ])('%s', (_, change) => {
    expect(evaluateRollout(facts(change), timeouts).kind).toBe('keep-waiting');
  });
});

describe('verdictTimeouts', () => {
  it.each([
    [
      'grace, detection, margin',
      { healthCheckGracePeriod: 300 },
      {},
      { instance: 380, hook: 900, stall: 1230 },
    ],
    [
      'never below three minutes',
      { healthCheckGracePeriod: 0, defaultInstanceWarmup: undefined },
      {},
      { instance: 180, hook: 900, stall: 1230 },
    ],
    [
      'a long warmup',
      { healthCheckGracePeriod: 0 },
      { warmup: 1000 },
      { instance: 1080, hook: 1080, stall: 3270 },
    ],
    [
      'what the user says',
      { healthCheckGracePeriod: 300 },
      { unhealthyTimeout: 60 },
      { instance: 60, hook: 60, stall: 1230 },
    ],
    [
      'checkpoints are no stall',
      { healthCheckGracePeriod: 0 },
      { unhealthyTimeout: 60, checkpointDelay: 3600 },
      { instance: 60, hook: 60, stall: 4830 },
    ],
  ])('%s', (_, change, given, expected) => {
    expect(verdictTimeouts(group(change), [targetGroup], given)).toEqual(expected);
  });
});

describe('likeliestCause, of a rollout that AWS has ended', () => {
  it.each<[string, Partial<RolloutFacts>, string, Cause['kind']]>([
    ['one sign is enough: a boot', { instances: [bootFailed('i-1')] }, '', 'boot'],
    ['one sign is enough: a replacement', { instances: [replaced('i-1')] }, '', 'replaced'],
    ['one sign is enough: a launch', { failedLaunches: [failedLaunch(gone)] }, '', 'launch'],
    ['one sign is enough: an unhealthy target', { instances: [newInstance('i-1')] }, '', 'unhealthy'],
    ['an alarm that only AWS has seen', {}, 'The CloudWatch alarm errors went into ALARM state.', 'alarm'],
    [
      'an alarm before anything else',
      { instances: [bootFailed('i-1')], alarms: [{ name: 'a', state: 'ALARM', reason: '', seconds: 0 }] },
      '',
      'alarm',
    ],
    ['something that holds it', { protectedInstances: ['i-1'] }, '', 'stalled'],
    ['nothing at all', {}, 'who knows', 'unknown'],
  ])('%s', (_, change, said, kind) => {
    expect(likeliestCause(facts(change), said).kind).toBe(kind);
  });
});

describe('instances that served and then did not', () => {
  const lapsed = (id: string, lapses = 1) => newInstance(id, { hasServed: true, lapses, notServing: 5 });
  it.each<[string, Partial<RolloutFacts>, boolean]>([
    ['two of two', { instances: [lapsed('i-1'), lapsed('i-2')] }, true],
    ['one, twice', { instances: [lapsed('i-1', 2)] }, true],
    ['one, once', { instances: [lapsed('i-1')] }, false],
    [
      'two, both back again',
      { instances: ['i-1', 'i-2'].map((id) => ({ ...serving(id), lapses: 1 })) },
      true,
    ],
    [
      'two among three steady ones',
      { instances: [lapsed('i-1'), lapsed('i-2'), ...['i-3', 'i-4', 'i-5'].map(serving)] },
      false,
    ],
    [
      'two while an old one is unhealthy as well',
      { instances: [lapsed('i-1'), lapsed('i-2')], oldUnhealthy: 1 },
      false,
    ],
  ])('%s', (_, change, condemned) => {
    const decided = evaluateRollout(facts(change), { instance: 300, hook: 900, stall: 1200 });
    expect(decided.kind === 'condemn' ? decided.cause.kind : decided.kind).toBe(
      condemned ? 'unstable' : 'keep-waiting',
    );
  });
});

/** A container that ends after it was healthy: Docker starts it again, and the load balancer may never notice. */

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
