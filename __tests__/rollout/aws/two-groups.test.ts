import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from '@jest/globals';
import { keyOf, withWeights } from '../../../src/rollout/aws/two-groups.ts';

const forward: Action = { Type: 'forward', Order: 2, TargetGroupArn: 'blue' };
const weighed = {
  ...forward,
  TargetGroupArn: undefined,
  ForwardConfig: {
    TargetGroups: [
      { TargetGroupArn: 'blue', Weight: 90 },
      { TargetGroupArn: 'green', Weight: 10 },
    ],
  },
};
const login = { Issuer: 'https://login.example', ClientId: 'shop', SessionTimeout: 3600 };
const addresses = { AuthorizationEndpoint: 'a', TokenEndpoint: 't', UserInfoEndpoint: 'u' };
const oidc = { ...login, ...addresses };
const cognito: Action = {
  Type: 'authenticate-cognito',
  Order: 1,
  AuthenticateCognitoConfig: { UserPoolArn: 'p', UserPoolClientId: 'c', UserPoolDomain: 'd' },
};

describe('weights', () => {
  it.each<[string, Action[], Action[]]>([
    ['alone', [forward], [weighed]],
    ['behind a login of Cognito, which stays as it is', [cognito, forward], [cognito, weighed]],
    [
      'behind a login, whose secret AWS does not tell',
      [{ Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: oidc }, forward],
      [
        {
          Type: 'authenticate-oidc',
          Order: 1,
          AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true },
        },
        weighed,
      ],
    ],
  ])('%s', (_, actions, expected) => {
    expect(withWeights(actions, { blue: 90, green: 10 })).toEqual(expected);
  });
});

describe('the key of a preview', () => {
  const header = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X', Values: ['key'] } };
  it.each([
    ['open', [header], 'key'],
    ['closed', [header, { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.1/32'] } }], undefined],
    ['of another kind', [{ Field: 'path-pattern', Values: ['/*'] }], undefined],
    ['gone', undefined, undefined],
  ])('%s', (_, conditions, key) => {
    expect(keyOf(conditions)).toBe(key);
  });
});
