import { describe, expect, it } from '@jest/globals';
import { bindingCookies, boundGroup } from '../../../local-cloud/load-balancer/stickiness.ts';

const forward = {
  type: 'forward' as const,
  targetGroups: [
    { arn: 'tg/1', weight: 100 },
    { arn: 'tg/2', weight: 0 },
  ],
};
const sticky = { ...forward, stickySeconds: 60 };

/** What a browser sends back. */
const sent = (at: number, arn: string): string =>
  ['theme=dark', ...bindingCookies(sticky, arn, at).map((cookie) => cookie.split(';')[0])].join('; ');

describe('a sticky action', () => {
  it.each([
    ['its group, for as long as was said', sticky, sent(0, 'tg/1'), 59_999, 'tg/1'],
    ['its group, though the weight is 0', sticky, sent(0, 'tg/2'), 0, 'tg/2'],
    ['none when the time is over', sticky, sent(0, 'tg/1'), 60_000, undefined],
    ['none when the action does not name it any more', sticky, sent(0, 'tg/3'), 0, undefined],
    ['none when the action is not sticky any more', forward, sent(0, 'tg/1'), 0, undefined],
    ['none when the cookie is nonsense', sticky, 'AWSALBTG=x', 0, undefined],
    ['none without a cookie', sticky, undefined, 0, undefined],
  ] as const)('binds a client to %s', (...[, action, cookie, now, expected]) => {
    expect(boundGroup(action, cookie, now)).toBe(expected);
  });

  it('gives a cookie that any browser keeps for as long', () => {
    expect(bindingCookies(sticky, 'tg/1', 0)).toEqual([
      expect.stringMatching(/^AWSALBTG=[\w-]+; Expires=Thu, 01 Jan 1970 00:01:00 GMT; Path=\/$/),
      expect.stringMatching(/^AWSALBTGCORS=[\w-]+; Expires=.*; Path=\/; SameSite=None$/),
    ]);
    expect(bindingCookies(forward, 'tg/1', 0)).toEqual([]);
  });
});
