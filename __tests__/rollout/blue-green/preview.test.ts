import { describe, expect, it } from '@jest/globals';
import type { Inputs } from '../../../src/inputs/table.ts';
import { failureOf } from '../helpers/acts.ts';
import {
  awsError,
  greenTargetGroupArn,
  lostAnswer,
  twoGroupWorld,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';
import { rollOut } from './helpers.ts';

/** What the smoke test says of a version, which answers through a key before it has requests. */

const smokeTest = {
  ...{ path: '/', statuses: [[200, 299]], body: undefined, attempts: 1 },
} as unknown as Inputs['smokeTest'];

async function worldOf(): Promise<SimulatedAws> {
  const world = await twoGroupWorld({ instances: 3 });
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  return world;
}

/** Both versions through the load balancer: the new one for the preview's key, else for who has all requests. */
function serviceOf(world: SimulatedAws, old: number, fresh: number): typeof fetch {
  return ((_: unknown, { headers }: RequestInit) => {
    const key = new Headers(headers).get('x-preview-key');
    const isNew =
      (key !== null && key === world.preview?.value) || world.rule.weights[greenTargetGroupArn] === 100;
    return Promise.resolve(new Response('', { status: isNew ? fresh : old }));
  }) as typeof fetch;
}

describe('the smoke test of a blue/green rollout', () => {
  it('lets a version through that cures one which does not answer', async () => {
    const world = await worldOf();
    const result = await rollOut(world, 2, { smokeTest }, serviceOf(world, 500, 200));
    expect(result.status).toBe('successful');
    expect(world.lines.join('\n')).not.toMatch(/does not answer as it should yet/);
  });

  it('says nothing of a version by what the other one answers', async () => {
    const world = await worldOf();
    await rollOut(world, 2, { smokeTest }, serviceOf(world, 200, 200));
    const before = world.lines.slice(
      0,
      world.lines.findIndex((line) => line.includes('weights: 10 %')),
    );
    expect(before.filter((line) => line.startsWith('smoke test: '))).toEqual([
      'smoke test: / answers 200 6 times in the preview, where the new version is alone',
    ]);
  });

  it.each<[string, () => Error, boolean]>([
    ['throttled', () => awsError('Throttling', 'Rate exceeded'), false],
    ['lost', lostAnswer, false],
    ['lost when it was done', lostAnswer, true],
  ])('is not taken in by a preview that did not open: the order was %s', async (_, error, done) => {
    const world = await worldOf();
    world.fail('setPreview', error, { done });
    const failure = await failureOf(rollOut(world, 2, { smokeTest }, serviceOf(world, 200, 500)));
    expect(failure.reason).toBe('smoke-test');
    expect(world.lines.join('\n')).not.toContain('in the preview, where the new version is alone');
    expect(world.preview).toBeUndefined();
    expect(world.count('setForwardWeights')).toBe(0);
  });

  it('does not go on without a preview', async () => {
    const world = await worldOf();
    world.fail('setPreview', () => awsError('Throttling', 'Rate exceeded'), { times: 1000 });
    const failure = await failureOf(rollOut(world, 2, { smokeTest }, serviceOf(world, 200, 200)));
    expect(failure.message).toBe('AWS refused to open the preview rule');
    expect(world.count('setForwardWeights')).toBe(0);
    expect(await world.versions()).toEqual({ 1: 3 });
  });

  it('closes the preview where the answer to that is lost', async () => {
    const world = await worldOf();
    const ask = serviceOf(world, 200, 200);
    const failing = ((...request: Parameters<typeof fetch>) => {
      if (world.preview !== undefined && world.count('setPreview') === 1)
        world.fail('setPreview', lostAnswer);
      return ask(...request);
    }) as typeof fetch;
    await rollOut(world, 2, { smokeTest }, failing);
    expect(world.preview).toBeUndefined();
  });
});
