import { describe, expect, it } from '@jest/globals';
import type { SmokeTestInput } from '../../../src/inputs/smoke-test.ts';
import { smokeDiagnosis } from '../../../src/rollout/diagnosis/smoke.ts';
import { type SmokeTest } from '../../../src/rollout/smoke-test/request.ts';
import { momentsPassed, outcomeLine, requestsFor } from '../../../src/rollout/smoke-test/smoke-test.ts';
import { failureOf } from '../helpers/acts.ts';
import { newInstance, serving } from '../helpers/observations.ts';
import { groupName, healthyGroup, newGroup, type SimulatedAws } from '../helpers/simulated-aws.ts';

const wanted: SmokeTestInput = { path: '/healthz', statuses: [[200, 299]], body: undefined, attempts: 5 };
const test: SmokeTest = { ...wanted, url: 'http://shop.example' };
/** The load balancer of a simulated group: it asks the instances in service in turn, and what they say is their version's. */
function balancer(world: SimulatedAws, says: Record<number, number>): typeof fetch {
  let asked = 0;
  const answer = async (): Promise<Response> => {
    const group = await world.api.group(groupName);
    const serving = (group?.instances ?? []).filter(({ lifecycleState }) => lifecycleState === 'InService');
    const version = serving[asked % serving.length]?.templateVersion ?? 0;
    asked += 1;
    return new Response('', { status: says[version] ?? 503 });
  };
  return answer;
}

describe('requestsFor', () => {
  it.each([
    [3, 3, 1],
    [2, 4, 7],
    [1, 11, 49],
    [1, 1001, 100],
    [0, 3, 100],
  ])('%i new of %i: %i requests', (fresh, all, requests) => {
    expect(requestsFor({ fresh, all })).toBe(requests);
  });
});

describe('momentsPassed', () => {
  const progress = { percentageComplete: 0, stage: 'replacing' as const };
  it.each<[string, Parameters<typeof momentsPassed>, number]>([
    ['nothing serves yet', [{ instances: [newInstance('i-1')] }, progress, [20, 100]], 0],
    ['the first new instance serves', [{ instances: [serving('i-1')] }, progress, [20, 100]], 1],
    [
      'a checkpoint',
      [{ instances: [serving('i-1')] }, { ...progress, percentageComplete: 25 }, [20, 100]],
      2,
    ],
    [
      'the bake time',
      [{ instances: [serving('i-1')] }, { percentageComplete: 100, stage: 'baking' }, [20, 100]],
      3,
    ],
    ['the end', [{ instances: [serving('i-1')] }, { ...progress, percentageComplete: 100 }, [100]], 1],
  ])('%s', (_, parameters, moments) => {
    expect(momentsPassed(...parameters)).toBe(moments);
  });
});

describe('what is told', () => {
  const passed = { kind: 'passed', attempts: 1, answers: 7, said: 'HTTP 200' } as const;
  const failed = { kind: 'failed', attempts: 5, said: 'HTTP 404' } as const;
  it.each<[Parameters<typeof outcomeLine>, string]>([
    [
      [passed, { path: '/', passes: 'every', share: { fresh: 2, all: 2 } }],
      '/ answers 200 through the load balancer',
    ],
    [
      [
        { ...passed, attempts: 2 },
        { path: '/', passes: 'every', share: { fresh: 2, all: 4 } },
      ],
      '/ answers 200 through the load balancer, 7 times, while 2 of 4 serving instances are new: 99 % sure that a new one was asked (attempt 2)',
    ],
    [
      [
        { ...passed, answers: 100 },
        { path: '/', passes: 'every', share: { fresh: 1, all: 1001 } },
      ],
      '/ answers 200 through the load balancer, 100 times, while 1 of 1001 serving instances is new: 9 % sure that a new one was asked',
    ],
    [
      [passed, { path: '/', passes: 'any', share: { fresh: 1, all: 2 } }],
      '/ answers 200 through the load balancer while 1 of 2 serving instances is new, as the old version did not',
    ],
    [
      [failed, { path: '/', passes: 'any', share: { fresh: 1, all: 2 } }],
      'no good answer from / while 1 of 2 serving instances is new (HTTP 404); the old version gave none either, so this decides nothing',
    ],
  ])('%#', (parameters, line) => {
    expect(outcomeLine(...parameters)).toBe(line);
  });

  it('names what was asked, wanted and answered', () => {
    const { sentence, evidence } = smokeDiagnosis({
      test: {
        ...test,
        statuses: [
          [200, 200],
          [300, 399],
        ],
        body: 'ok',
      },
      attempts: 1,
      said: 'HTTP 500',
      share: { fresh: 1, all: 3 },
    });
    expect(sentence).toBe(
      'the smoke test failed while 1 of 3 serving instances was new: /healthz did not answer as it should in 1 attempt through the load balancer',
    );
    expect(evidence.map(({ text }) => text)).toEqual([
      'http://shop.example/healthz',
      'HTTP 200, 300-399, with "ok" in the body',
      'HTTP 500',
      'it answered as it should',
    ]);
  });
});

describe('a rollout with a smoke test', () => {
  const slowly = { smokeTest: wanted, minHealthyPercentage: 100, maxHealthyPercentage: 125 };

  it('asks before it starts, when the first new instances serve, and at the end', async () => {
    const world = await healthyGroup({ instances: 4 });
    const fetch = balancer(world, { 1: 200, 2: 201 });
    await world.rollOut(2, slowly, { fetch });
    const lines = world.lines.filter((line) => line.startsWith('smoke test: '));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/while 1 of 5 serving instances is new: 99 % sure/);
    expect(lines[1]).toBe('smoke test: /healthz answers 201 through the load balancer');
  });

  it('asks at each checkpoint', async () => {
    const world = await healthyGroup({ instances: 4, warmup: 60 });
    const fetch = balancer(world, { 1: 200, 2: 200 });
    await world.rollOut(2, { ...slowly, checkpoints: [25, 50, 100], checkpointDelay: 60 }, { fetch });
    const lines = world.lines.filter((line) => line.startsWith('smoke test: '));
    expect(lines.map((line) => /while (\d) of/.exec(line)?.[1])).toEqual(['1', '1', '2', undefined]);
  });

  it('ends after the first batch when the new version answers badly, and turns round', async () => {
    const world = await healthyGroup({ instances: 4 });
    const fetch = balancer(world, { 1: 200, 2: 500 });
    const failure = await failureOf(world.rollOut(2, slowly, { fetch }));
    expect(failure.reason).toBe('smoke-test');
    expect(failure.message).toMatch(/^the smoke test failed while 1 of 5 serving instances was new: /);
    expect(failure.evidence).toContainEqual({ label: 'answer', text: 'HTTP 500' });
    expect(failure.left).toBe('rolled back: all 4 instances run version 1 again');
    expect(world.count('rollBack')).toBe(1);
    expect(await world.versions()).toEqual({ 1: 4 });
  });

  it('waits for the end when the old version gives no good answer either', async () => {
    const world = await healthyGroup({ instances: 4 });
    const fetch = balancer(world, { 1: 404, 2: 200 });
    expect((await world.rollOut(2, slowly, { fetch })).status).toBe('successful');
    expect(world.lines.join('\n')).toMatch(
      /does not answer as it should yet \(HTTP 404\)[^]*as the old version did not[^]*answers 200 through/,
    );
  });

  it('is undone at the end where only then can be said whose bad answer it is', async () => {
    const world = await healthyGroup({ instances: 2 });
    const fetch = balancer(world, { 1: 404, 2: 404 });
    const failure = await failureOf(world.rollOut(2, slowly, { fetch }));
    expect(failure.message).toMatch(
      /^the smoke test failed: \/healthz did not answer as it should in 5 attempts/,
    );
    expect(world.lines.join('\n')).toContain('so this decides nothing');
    expect(await world.versions()).toEqual({ 1: 2 });
  });

  it('asks the mixture where the last checkpoint leaves one', async () => {
    const world = await healthyGroup({ instances: 4 });
    const fetch = balancer(world, { 1: 200, 2: 200 });
    await world.rollOut(2, { ...slowly, checkpoints: [50], checkpointDelay: 0 }, { fetch });
    expect(world.lines.at(-1)).toMatch(/while 2 of 4 serving instances are new/);
  });

  it('is told on a first deployment, which has nothing to go back to', async () => {
    const world = await newGroup({ instances: 2 });
    const failure = await failureOf(
      world.rollOut(1, { smokeTest: wanted }, { fetch: balancer(world, { 1: 500 }) }),
    );
    expect(failure).toMatchObject({ reason: 'smoke-test', rollout: { status: 'failed' } });
  });

  it('asks nothing of an empty group', async () => {
    const world = await healthyGroup({ instances: 0, maxSize: 2 });
    const fetch = balancer(world, {});
    expect((await world.rollOut(2, { smokeTest: wanted }, { fetch })).status).toBe('no-instances');
  });
});

/** Answers 200, but while `isClosed` says that nobody gets through. */
function network(isClosed: () => boolean, code = 'ECONNREFUSED'): typeof fetch {
  return () =>
    isClosed()
      ? Promise.reject(
          new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) }),
        )
      : Promise.resolve(new Response('', { status: 200 }));
}

describe('a runner that does not reach the load balancer', () => {
  it('is found out before anything is touched', async () => {
    const world = await healthyGroup({ instances: 2 });
    const fetch = network(() => true, 'ENOTFOUND');
    const failure = await failureOf(world.rollOut(2, { smokeTest: wanted }, { fetch }));
    expect(failure.reason).toBe('preflight');
    expect(failure.message).toBe(
      "the smoke test can't be made: this runner does not reach http://shop.example/healthz (fetch failed: connect ENOTFOUND)",
    );
    expect(failure.next).toMatch(/has to resolve on the runner.*or leave smoke-test-path out/);
    expect(world.count('start')).toBe(0);
  });

  it('is only warned of where nothing serves: the rollout may be the cure', async () => {
    const world = await newGroup({ instances: 2 });
    world.fault({ secondsToHealthy: 36_000, templateVersion: 1 });
    await world.advance(60);
    let asked = 0;
    const fetch = network(() => (asked += 1) <= 6);
    await world.rollOut(2, { smokeTest: wanted }, { fetch, runStartedAt: new Date(8.64e15) });
    expect(world.warnings.join('\n')).toContain("the smoke test can't be made");
    expect(await world.versions()).toEqual({ 2: 2 });
  });

  it('since the rollout began does not condemn the version, which is told and stays', async () => {
    const world = await healthyGroup({ instances: 2 });
    const fetch = network(() => world.count('start') > 0);
    const failure = await failureOf(world.rollOut(2, { smokeTest: wanted }, { fetch }));
    expect(failure.reason).toBe('unreachable');
    expect(failure.message).toMatch(/does not reach shop.example, in 5 attempts; nothing is known against/);
    expect(failure.left).toBe('nothing was rolled back: 2 of 2 instances run version 2 and are healthy');
    expect(world.lines.join('\n')).toContain('that is no fault of the version, and decides nothing');
    expect(world.count('rollBack')).toBe(0);
    expect(await world.versions()).toEqual({ 2: 2 });
  });

  it('is told again by the next run, which has nothing to replace', async () => {
    const world = await healthyGroup({ instances: 2 });
    const closed = network(() => true);
    const failure = await failureOf(world.rollOut(1, { smokeTest: wanted }, { fetch: closed }));
    expect(failure).toMatchObject({
      reason: 'unreachable',
      left: 'nothing was rolled back: 2 of 2 instances run version 1 and are healthy',
    });
    const open = network(() => false);
    expect((await world.rollOut(1, { smokeTest: wanted }, { fetch: open })).status).toBe('unchanged');
    expect(world.lines.at(-1)).toBe('smoke test: /healthz answers 200 through the load balancer');
  });

  it('is told on a first deployment whose instances were up before anybody looked', async () => {
    const world = await healthyGroup({ instances: 2 });
    const first = { fetch: network(() => true, 'ENOTFOUND'), runStartedAt: new Date(0) };
    const failure = await failureOf(world.rollOut(1, { smokeTest: wanted }, first));
    expect(failure.reason).toBe('unreachable');
  });

  it('for a while only fails nothing', async () => {
    const world = await healthyGroup({ instances: 2 });
    let asked = 0;
    const fetch = network(() => world.count('start') > 0 && (asked += 1) <= 7);
    expect((await world.rollOut(2, { smokeTest: wanted }, { fetch })).status).toBe('successful');
  });

  it('is waited for where the load balancer is new', async () => {
    const world = await newGroup({ instances: 2 });
    let asked = 0;
    const fetch = network(() => (asked += 1) <= 20, 'ENOTFOUND');
    const runStartedAt = new Date(0);
    expect((await world.rollOut(1, { smokeTest: wanted }, { fetch, runStartedAt })).status).toBe(
      'first-deployment',
    );
  });
});
