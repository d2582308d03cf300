import { expect, it } from '@jest/globals';
import { inheritedEnvironment } from '../../../scripts/runner/environment.ts';

it.each([
  ['no proxy', { PATH: '/bin', NO_PROXY: 'x' }, { PATH: '/bin', NO_PROXY: 'x' }],
  [
    'a proxy',
    { https_proxy: 'http://proxy:1' },
    { https_proxy: 'http://proxy:1', NO_PROXY: '127.0.0.1,localhost,::1' },
  ],
  [
    'a proxy and exceptions',
    { HTTPS_PROXY: 'http://proxy:1', no_proxy: '.example.com' },
    { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: '.example.com,127.0.0.1,localhost,::1' },
  ],
])('with %s a step asks what runs on this machine directly', (_title, machine, step) => {
  expect(inheritedEnvironment(machine)).toEqual(step);
});

it('inherits nobody’s credentials and no other job’s files', () => {
  const machine = { AWS_PROFILE: 'mine', GITHUB_OUTPUT: '/x', AWS_CA_BUNDLE: '/ca', INPUT_VERSION: '1' };
  expect(inheritedEnvironment(machine)).toEqual({ AWS_CA_BUNDLE: '/ca' });
});
