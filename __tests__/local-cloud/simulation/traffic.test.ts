import { describe, expect, it } from '@jest/globals';
import type { ServingTargets } from '../../../local-cloud/simulation/simulation.ts';
import { type Answers, Traffic } from '../../../local-cloud/simulation/traffic.ts';
import { parseTraffic } from '../../../local-cloud/simulation/traffic-settings.ts';

const start = Date.UTC(2026, 0, 1);

/** Two groups behind one rule; each has the targets of one version in two zones. */
class World {
  weights: [number, number] = [90, 10];
  targets: [number, number] = [4, 4];
  healthy = true;
  readonly published: Answers[] = [];

  routes() {
    const targetGroups = this.weights.map((weight, index) => ({ arn: `tg/${index + 1}`, weight }));
    return [{ loadBalancerArn: 'lb', targetGroups }];
  }

  serving(arn: string): ServingTargets[] {
    const templateVersion = Number(arn.at(-1));
    const count = (this.targets[templateVersion - 1] ?? 0) / 2;
    if (count === 0) return [];
    return ['a', 'b'].map((zone) => ({ templateVersion, zone, count, healthy: this.healthy }));
  }

  traffic(settings: object = {}): Traffic {
    const asked = parseTraffic({ requestsPerSecond: 400, seed: 7, ...settings });
    return new Traffic(
      asked,
      {
        routes: () => this.routes(),
        serving: (arn) => this.serving(arn),
        answered: (answers) => void this.published.push(answers),
      },
      { now: start },
    );
  }

  /** How many requests were published that have all of this. */
  count(like: Partial<Answers> = {}, group?: string): number {
    const entries = Object.entries(like);
    return this.published
      .filter((answers) => entries.every(([name, value]) => answers[name as keyof Answers] === value))
      .filter(({ target }) => group === undefined || target?.group === group)
      .reduce((sum, { times }) => sum + times, 0);
  }
}

function pass(traffic: Traffic, seconds: number, by = 1): void {
  for (let at = by; at <= seconds; at += by) traffic.step(start + at * 1000);
}

describe('made-up traffic', () => {
  it('goes by the weights, fails as often as was asked, and publishes what users saw', () => {
    const world = new World();
    const traffic = world.traffic({ versions: { 2: { errorRate: 0.03 } } });
    pass(traffic, 600);
    const { requests, errors, lost, versions } = traffic.report();
    expect([requests, lost]).toEqual([240_000, 0]);
    const second = versions[2] ?? { requests: 0, errors: 0 };
    // Four standard deviations.
    expect(Math.abs(second.requests - 24_000)).toBeLessThan(600);
    expect(Math.abs(second.errors - second.requests * 0.03)).toBeLessThan(110);
    expect(errors).toBe(second.errors);
    expect(versions[1]?.errors).toBe(0);
    expect(world.count()).toBe(requests);
    expect(world.count({ status: 500, by: 'target' }, 'tg/2')).toBe(second.errors);
    expect(world.published.every(({ target }) => target?.of === 4)).toBe(true);
  });

  it.each([
    [
      'nothing goes where the weight is 0',
      { weights: [100, 0], targets: [4, 4], healthy: true },
      { requests: 4000, lost: 0, second: 0 },
    ],
    [
      'the share of an empty group is lost',
      { weights: [0, 100], targets: [4, 0], healthy: true },
      { requests: 4000, lost: 4000, second: 0 },
    ],
    [
      'all is lost where every weight is 0',
      { weights: [0, 0], targets: [4, 4], healthy: true },
      { requests: 4000, lost: 4000, second: 0 },
    ],
    [
      'targets are asked though none is healthy',
      { weights: [0, 1], targets: [4, 4], healthy: false },
      { requests: 4000, lost: 4000, second: 4000 },
    ],
  ] as const)('%s', (_, setting, expected) => {
    const world = Object.assign(new World(), setting);
    const traffic = world.traffic();
    pass(traffic, 10);
    const { requests, lost, versions } = traffic.report();
    expect({ requests, lost, second: versions[2]?.requests ?? 0 }).toEqual(expected);
    expect(world.count({ by: 'balancer', status: 503 })).toBe(expected.lost - expected.second);
    expect(world.count({ by: 'balancer', status: 502, unreachable: true })).toBe(expected.second);
  });

  it('loses only the share of an empty group, and says which', () => {
    const world = Object.assign(new World(), { targets: [4, 0] });
    const traffic = world.traffic();
    pass(traffic, 100);
    const { lost, targetGroups } = traffic.report();
    expect(Math.abs(lost - 4000)).toBeLessThan(250);
    expect(targetGroups['tg/2']).toMatchObject({ requests: lost, lost });
    expect(targetGroups['tg/1']).toMatchObject({ lost: 0 });
  });

  it('says when a version was last asked', () => {
    const world = new World();
    const traffic = world.traffic();
    pass(traffic, 10);
    world.weights = [100, 0];
    traffic.step(start + 60_000);
    expect(traffic.report().versions[2]?.lastRequest).toBe(new Date(start + 9000).toISOString());
    expect(traffic.report().versions[1]?.lastRequest).toBe(new Date(start + 59_000).toISOString());
  });

  it('is the same for the same seed, in whatever steps the clock goes', () => {
    const reports = [1, 5].map((by) => {
      const world = new World();
      const traffic = world.traffic({ versions: { 2: { errorRate: 0.03 } } });
      pass(traffic, 60, by);
      return JSON.stringify([
        traffic.report(),
        world.published.map((answers) => [...(answers.latencies ?? [])]),
      ]);
    });
    expect(reports[0]).toBe(reports[1]);
    const other = new World().traffic({ versions: { 2: { errorRate: 0.03 } }, seed: 8 });
    pass(other, 60);
    expect(JSON.stringify(other.report().versions)).not.toBe(
      JSON.stringify((JSON.parse(reports[0] ?? '') as [{ versions: object }])[0].versions),
    );
  });

  it('makes up for parts of a request a second', () => {
    const traffic = new World().traffic({ requestsPerSecond: 0.25 });
    pass(traffic, 60);
    expect(traffic.report().requests).toBe(15);
  });

  it('ends when it is stopped, and is still known', () => {
    const world = new World();
    const traffic = world.traffic();
    pass(traffic, 5);
    traffic.stop();
    traffic.step(start + 100_000);
    expect(traffic.report()).toMatchObject({ running: false, requests: 2000, seconds: 5 });
    expect(world.count()).toBe(2000);
  });
});
