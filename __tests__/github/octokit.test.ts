import { describe, expect, it } from '@jest/globals';
import { secondsToWait } from '../../src/github/octokit.ts';

const now = 1_800_000_000;
const limited = (headers: Record<string, string>) => ({ status: 403, response: { headers } });

describe('secondsToWait', () => {
  it.each<[string, Parameters<typeof secondsToWait>[0], string, number | undefined]>([
    ['a secondary limit, as long as GitHub says', limited({ 'retry-after': '60' }), 'POST /x', 60],
    ['a limit that lasts for long', limited({ 'retry-after': '61' }), 'GET /x', undefined],
    ['a limit that does not say for how long', limited({}), 'GET /x', undefined],
    [
      'the hourly limit that ends in a moment',
      limited({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 20) }),
      'POST /x',
      20,
    ],
    [
      'the hourly limit that has just ended',
      limited({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now - 2) }),
      'GET /x',
      0,
    ],
    [
      'the hourly limit',
      limited({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 900) }),
      'GET /x',
      undefined,
    ],
    [
      'a refusal, with calls left',
      limited({ 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': String(now + 9) }),
      'GET /x',
      undefined,
    ],
    ['too many requests', { status: 429, response: { headers: { 'retry-after': '3' } } }, 'POST /x', 3],
    ['a server that fails', { status: 502 }, 'GET /x', 0.6],
    ['a server that may have done it', { status: 502 }, 'POST /repos/{owner}/{repo}/deployments', undefined],
    ['a status, which may be given twice', { status: 502 }, 'POST /deployments/{id}/statuses', 0.6],
    ['what is not there', { status: 404 }, 'GET /x', undefined],
  ])('%s', (_, error, call, seconds) => {
    const [method = '', url = ''] = call.split(' ');
    expect(secondsToWait(error, { method, url }, { attempt: 2, now })).toBe(seconds);
  });
});
