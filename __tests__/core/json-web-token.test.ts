import { describe, expect, it } from '@jest/globals';
import { claimsIn } from '../../src/core/json-web-token.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('claimsIn', () => {
  it('reads what a token says', () => {
    const claims = { sub: 'repo:octo-org/shop:environment:dev', environment: 'dev', exp: 1 };
    expect(claimsIn(`${part({ alg: 'RS256' })}.${part(claims)}.c2ln`)).toEqual(claims);
  });

  it.each(['', 'no-token', 'a.b.c', `a.${part(null)}.c`, `a.${part('text')}.c`])(
    'takes "%s" for none',
    (text) => {
      expect(claimsIn(text)).toBeUndefined();
    },
  );
});
