import { describe, expect, it } from '@jest/globals';
import { faultError, Faults, parseFault } from '../../../local-cloud/gateway/faults.ts';

const call = (service: string, operation: string, parameters: Record<string, unknown> = {}) => ({
  service,
  operation,
  parameters,
});

describe('Faults', () => {
  it('hits the calls that were asked for, after those that were let through', () => {
    const faults = new Faults();
    faults.add({ service: 'ecr', operation: 'PutImage', error: 'Throttling', after: 1, times: 2 });
    const hits = Array.from({ length: 5 }, () => faults.take(call('ecr', 'PutImage'))?.error);
    expect(hits).toEqual([undefined, 'Throttling', 'Throttling', undefined, undefined]);
    expect(faults.list()).toEqual([]);
  });

  it('leaves other operations alone, unless it is for the whole service', () => {
    const faults = new Faults();
    faults.add({ service: 'ecr', operation: 'PutImage', lost: true });
    expect(faults.take(call('ecr', 'ListImages'))).toBeUndefined();
    expect(faults.take(call('s3', 'PutImage'))).toBeUndefined();
    faults.add({ service: 'ecr', error: 'ServiceUnavailable' });
    expect(faults.take(call('ecr', 'ListImages'))?.error).toBe('ServiceUnavailable');
  });
});

describe('Faults of calls with certain parameters', () => {
  it('leave the same call about something else alone', () => {
    const faults = new Faults();
    faults.add({
      service: 'autoscaling',
      error: 'Throttling',
      parameters: { AutoScalingGroupName: 'shop-dev' },
    });
    const about = (AutoScalingGroupName: string) =>
      faults.take(call('autoscaling', 'StartInstanceRefresh', { AutoScalingGroupName }))?.error;
    expect([about('other-dev'), about('shop-dev')]).toEqual([undefined, 'Throttling']);
  });
});

describe('parseFault', () => {
  it.each([
    ['a fault is a JSON object', null],
    ['needs "service"', { error: 'x' }],
    ['needs "error"', { service: 'ecr' }],
    ['"times"', { service: 'ecr', error: 'x', times: -1 }],
    ['"parameters"', { service: 'ecr', error: 'x', parameters: 'repositoryName' }],
    ['"after"', { service: 'ecr', error: 'x', after: 0.5 }],
  ])('refuses what is not one: %s', (message, value) => {
    expect(() => parseFault(value)).toThrow(message);
  });

  it("has AWS's words for throttling", () => {
    const error = faultError(parseFault({ service: 'autoscaling', error: 'Throttling' }));
    expect(error).toMatchObject({ code: 'Throttling', message: 'Rate exceeded' });
  });
});
