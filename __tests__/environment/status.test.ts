import { describe, expect, it } from '@jest/globals';
import type { Environment } from '../../src/environment/index.ts';
import type { ImageFacts } from '../../src/image/index.ts';
import { statusLines, statusReport } from '../../src/environment/status.ts';
import { stateOf } from '../../src/rollout/blue-green/state.ts';
import { side } from '../rollout/blue-green/helpers.ts';
import { environmentOf, imageOfVersion, refresh } from './helpers.ts';

const good = (version: string) => refresh({ id: `r-${version}`, version, status: 'Successful' });
const images = new Map<string, ImageFacts>(
  [1, 2, 3].map((version) => [
    imageOfVersion(version),
    { state: 'there', tags: ['latest', String(version).repeat(40)] },
  ]),
);
const of = {
  application: 'shop',
  environment: 'prod',
  region: 'eu-north-1',
  now: Date.parse('2026-11-22T14:10:00Z'),
};
const lines = (environment: Environment, facts = images) => statusLines(statusReport(environment, facts), of);

describe('status', () => {
  it('says what runs, since when, and where a rollback would go', () => {
    const environment = environmentOf([3, 3], { refreshes: [good('3'), good('2')] });
    expect(lines(environment)).toEqual([
      'shop prod   eu-north-1   http://shop.example   no refresh is running',
      '  version  image             commit   instances       since',
      '  3        sha256:33333333…  3333333  2 of 2 healthy  2 h 10 min',
      '  2        sha256:22222222…  2222222  previous good   rollback target',
    ]);
  });

  it('shows a refresh under way, with both versions', () => {
    const active = refresh({ id: 'r-3', version: '3', status: 'InProgress', percentage: 50 });
    const environment = environmentOf([2, 3], { refreshes: [active, good('2'), good('1')] });
    const report = statusReport(environment, images);
    expect(report.activeRefresh).toEqual({ id: 'r-3', status: 'InProgress', percentage: 50, version: '3' });
    expect(report.versions.map(({ version, instances }) => [version, instances])).toEqual([
      [3, 1],
      [2, 1],
    ]);
    expect(lines(environment)[0]).toMatch(/instance refresh r-3 to version 3 is in progress, 50 %$/);
  });

  it('shows one group that waits for a person, with the share, figures and what a person can do', () => {
    const half = { ...good('3'), preferences: { CheckpointPercentages: [20] } };
    const traffic = [0, 1].map((minute) => ({
      start: new Date(minute * 60_000),
      byTargetGroup: { arn: { requests: 900, errors: 3, latency: undefined } },
    }));
    const environment = {
      ...environmentOf([2, 2, 2, 3], { refreshes: [half, good('2'), good('1')] }),
      traffic,
    };
    const report = statusReport(environment, images);
    expect(report.unfinished).toEqual({
      state: 'paused',
      words: 'version 3 runs on 1 of 4 instances (25 %) and waits for a person; the group launches version 2',
      ...{ version: 3, previousVersion: 2, instances: 1, of: 4, share: 25 },
      ...{ requests: 1800, errors: 6, minutes: 2 },
    });
    expect(report.rollbackTarget).toMatchObject({ version: 2 });
    expect(report.drift).toEqual([]);
    const said = lines(environment);
    expect(said[0]).toMatch(/version 3 runs on 1 of 4 instances \(25 %\) and waits for a person/);
    expect(said.slice(-2)).toEqual([
      '  both versions together: 1800 requests and 6 errors in 2 min',
      '  the command promote goes on with it, abort takes it back',
    ]);
  });

  it('shows both groups of a rollout that paused, with shares, figures and what a person can do', () => {
    const blue = side('blue', { version: 2, desired: 2, weight: 90 });
    const green = side('green', { version: 3, desired: 2, weight: 10, serving: 1 });
    const state = stateOf([blue, green]);
    const traffic = [0, 1].map((minute) => ({
      start: new Date(minute * 60_000),
      byTargetGroup: {
        'arn-blue': { requests: 900, errors: 0, latency: undefined },
        'arn-green': { requests: 100, errors: 3, latency: undefined },
      },
    }));
    const rule = { weights: {}, sticky: false };
    const environment = {
      ...environmentOf([2, 2]),
      ...{ group: blue.group, fleets: { state, sides: [blue, green] as const, rule, targets: [] }, traffic },
    };
    expect(lines(environment)).toEqual([
      'shop prod   eu-north-1   http://shop.example   green (version 3) has 10 % of the requests, blue (version 2) 90 %',
      '  version  image             commit   instances       since',
      '  3        sha256:33333333…  3333333  0 of 2 healthy  not known',
      '  2        sha256:22222222…  2222222  0 of 2 healthy  not known',
      '  blue   version 2  90 % of the requests  2 of 2 healthy  1800 requests and 0 errors in 2 min',
      '  green  version 3  10 % of the requests  1 of 2 healthy  200 requests and 6 errors in 2 min',
      '  the command promote goes on with it, abort takes it back',
    ]);
    expect(statusReport(environment, images).blueGreen).toMatchObject({ state: 'shifting', minutes: 2 });
  });

  it('counts who is healthy', () => {
    const environment = environmentOf([1, 1, 1], { versions: 1, unhealthy: 1 });
    expect(lines(environment)).toEqual([
      expect.any(String),
      expect.any(String),
      '  1        sha256:11111111…  1111111  2 of 3 healthy  4 h 10 min',
      '  there is no earlier version to roll back to',
    ]);
  });

  it.each<[string, Environment, Map<string, ImageFacts>, RegExp]>([
    [
      'an instance of another version',
      environmentOf([3, 2], { refreshes: [good('3')] }),
      images,
      /^1 of 2 instances do not run version 3, which the group launches: i-1$/,
    ],
    [
      'a newer version that failed',
      environmentOf([2, 2], {
        refreshes: [refresh({ id: 'r', version: '3', status: 'RollbackSuccessful' }), good('2')],
      }),
      images,
      /^version 3 is the newest and is not rolled out \(its last rollout: rolled back\)$/,
    ],
    ['no numbered version', environmentOf([3], { saved: '$Latest' }), images, /^the group launches \$Latest/],
    [
      'an image that is gone',
      environmentOf([3], { refreshes: [good('3'), good('2')] }),
      new Map([[imageOfVersion(2), { state: 'missing', tags: [] }]]),
      /^the image of version 2 is gone from the registry/,
    ],
  ])('tells of %s', (_what, environment, facts, sentence) => {
    const { drift } = statusReport(environment, facts);
    expect(drift).toContainEqual(expect.stringMatching(sentence));
    expect(lines(environment, facts)).toContain(`  ! ${drift[0]}`);
  });

  it('tells of a version that Terraform did not make', () => {
    const environment = environmentOf([3], { refreshes: [good('3')] });
    environment.outputs.launchTemplateVersion = 2;
    expect(statusReport(environment, images).drift).toEqual([
      'version 3 was not made by Terraform, whose last one is 2',
    ]);
  });
});
