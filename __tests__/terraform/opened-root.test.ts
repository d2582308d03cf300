import { expect, it } from '@jest/globals';
import { memorySettings } from '../../src/terraform/opened-root.ts';

const gibibyte = 2 ** 30;

it.each([
  ['a quarter of the machine’s memory each', {}, 8, { GOGC: '400', GOMEMLIMIT: '2048MiB' }],
  ['a quarter of little', {}, 1, { GOGC: '400', GOMEMLIMIT: '256MiB' }],
  ['what the job says', { GOGC: '50', GOMEMLIMIT: '1GiB' }, 8, { GOGC: '50', GOMEMLIMIT: '1GiB' }],
])('lets Terraform keep %s', (_, environment, gibibytes, settings) => {
  expect(memorySettings(environment, gibibytes * gibibyte)).toEqual(settings);
});
