import { describe, expect, it } from '@jest/globals';
import { behaviourOf, parseTraffic } from '../../../local-cloud/simulation/traffic-settings.ts';

describe('traffic that a test asks for', () => {
  it('has defaults for all but its rate', () => {
    const settings = parseTraffic({ requestsPerSecond: 400 });
    expect(settings).toEqual({ requestsPerSecond: 400, seed: 1, versions: {} });
    expect(behaviourOf(settings, 3)).toEqual({ errorRate: 0, latency: { median: 0.02, p95: 0.05 } });
  });

  it('behaves by version, by what all others do, or as a healthy service', () => {
    const settings = parseTraffic({
      ...{ requestsPerSecond: 1, seed: 7, loadBalancer: 'shop' },
      versions: {
        2: { errorRate: 0.03, latency: { median: 0.05, p95: 0.2 } },
        '*': { latency: { median: 0.1 } },
      },
    });
    expect(settings).toMatchObject({ seed: 7, loadBalancer: 'shop' });
    expect(behaviourOf(settings, 2)).toEqual({ errorRate: 0.03, latency: { median: 0.05, p95: 0.2 } });
    expect(behaviourOf(settings, 5)).toEqual({ errorRate: 0, latency: { median: 0.1, p95: 0.25 } });
  });

  it.each([
    [null, 'traffic is an object with requestsPerSecond'],
    [{}, 'traffic needs "requestsPerSecond"'],
    [{ requestsPerSecond: -1 }, '"requestsPerSecond" is -1; give a number from 0 to 1000000'],
    [{ requestsPerSecond: 1, rate: 2 }, 'traffic has no "rate"'],
    [{ requestsPerSecond: 1, loadBalancer: 4 }, '"loadBalancer" is the name of one'],
    [{ requestsPerSecond: 1, versions: { v2: {} } }, '"v2" is no launch template version'],
    [
      { requestsPerSecond: 1, versions: { 2: { errorRate: 3 } } },
      '"errorRate" is 3; give a number from 0 to 1',
    ],
    [{ requestsPerSecond: 1, versions: { 2: { errors: 0.1 } } }, 'version 2 has no "errors"'],
    [{ requestsPerSecond: 1, versions: { 2: { latency: { p95: 0.001 } } } }, '"p95" is 0.001'],
    [{ requestsPerSecond: 1, seed: 'x' }, '"seed" is "x"'],
  ])('%j is refused', (value, message) => {
    expect(() => parseTraffic(value)).toThrow(message);
  });
});
