import { describe, expect, it } from '@jest/globals';
import { roleOf } from '../../src/aws/role.ts';

const arn = 'arn:aws:iam::123456789012:role/shop-deploy';
const none = {
  roleToAssume: undefined,
  roleSessionName: undefined,
  roleDurationSeconds: undefined,
  roleExternalId: undefined,
  roleChaining: false,
};
const given = { ...none, roleToAssume: arn };
const token = { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://x', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'y' };
const keys = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's' };

describe('roleOf', () => {
  it.each([
    ['an identity token', given, token, 'identity-token'],
    ['an identity token and keys', given, { ...token, ...keys }, 'identity-token'],
    ['both, and role-chaining', { ...given, roleChaining: true }, { ...token, ...keys }, 'job-credentials'],
    ['keys', given, keys, 'job-credentials'],
    ['nothing of its own, such as an instance profile', given, {}, 'job-credentials'],
    [
      'an address without its token',
      given,
      { ...token, ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
      'job-credentials',
    ],
  ])('of a job with %s', (_what, inputs, environment, way) => {
    expect(roleOf(inputs, environment)).toMatchObject({ arn, with: way });
  });

  it('is none where none is asked for', () => {
    expect(roleOf(none, token)).toBeUndefined();
  });

  it('has a session that is named after the run', () => {
    expect(roleOf(given, { GITHUB_RUN_ID: '7' })?.sessionName).toBe('asg-deploy-7');
    expect(roleOf({ ...given, roleSessionName: 'mine' }, {})?.sessionName).toBe('mine');
  });

  it('takes an external id only with the credentials of the job', () => {
    const inputs = { ...given, roleExternalId: 'shop' };
    expect(roleOf(inputs, keys)?.externalId).toBe('shop');
    expect(() => roleOf(inputs, token)).toThrow(
      expect.objectContaining({
        reason: 'input-invalid',
        message: expect.stringMatching(/^role-external-id is "shop"; leave it out: .* role-chaining: true$/),
      }),
    );
  });
});
