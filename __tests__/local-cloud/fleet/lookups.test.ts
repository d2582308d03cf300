import { describe, expect, it, jest } from '@jest/globals';
import type { TemplateVersion } from '../../../local-cloud/fleet/engine/driver.ts';
import { Lookups } from '../../../local-cloud/fleet/lookups.ts';

const version: TemplateVersion = {
  ...{ id: 'lt-0123456789abcdef0', name: 'shop', version: 1, imageId: 'ami-0abc', instanceType: 't3.small' },
  userData: '',
};

describe('Lookups', () => {
  it('knows a template that was asked for by name under its id too', async () => {
    const lookups = new Lookups({ describe: async () => version }, { state: async () => undefined });
    await lookups.resolve({ LaunchTemplateName: 'shop', Version: '1' });
    const saved = { LaunchTemplateId: version.id, LaunchTemplateName: 'shop', Version: '1' };
    expect(lookups.template(saved)).toBe(version);
    expect(lookups.template({ LaunchTemplateName: 'shop', Version: '1' })).toBe(version);
    expect(lookups.template({ ...saved, Version: '2' })).toBeUndefined();
  });

  it('asks once for all who ask at the same time, and again later', async () => {
    const ask = jest.fn(async () => version);
    const lookups = new Lookups({ describe: ask }, { state: async () => undefined });
    await Promise.all([lookups.describe('shop', '1'), lookups.describe('shop', '1')]);
    expect(ask).toHaveBeenCalledTimes(1);
    await lookups.describe('shop', '1');
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('has an alarm that the API just read, not what an earlier refresh saw', async () => {
    let state: 'OK' | 'ALARM' = 'ALARM';
    const lookups = new Lookups({ describe: async () => version }, { state: async () => state });
    await lookups.readAlarm('errors');
    state = 'OK';
    await lookups.readAlarm('errors');
    expect(lookups.alarm('errors')).toBe('OK');
  });
});
