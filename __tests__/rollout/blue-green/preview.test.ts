import { describe, expect, it } from '@jest/globals';
import type { Inputs } from '../../../src/inputs/table.ts';
import { greenTargetGroupArn, twoGroupWorld, type SimulatedAws } from '../helpers/simulated-aws.ts';
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
});
