import { describe, expect, it } from '@jest/globals';
import type { SmokeTestInput } from '../../../src/inputs/smoke-test.ts';
import { evaluateAnswer, smokeTest, type SmokeTest } from '../../../src/rollout/smoke-test/request.ts';

const wanted: SmokeTestInput = { path: '/healthz', statuses: [[200, 299]], body: undefined, attempts: 5 };
const test: SmokeTest = { ...wanted, url: 'http://shop.example' };
const refused = Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:80'), { code: 'ECONNREFUSED' });
/** A load balancer that gives these answers in turn, the last one for ever; 0 stands for no connection. */
function answering(...statuses: number[]): { fetch: typeof globalThis.fetch; asked: () => number } {
  let asked = 0;
  const answer = () => {
    const status = statuses[Math.min(asked, statuses.length - 1)] ?? 0;
    asked += 1;
    return status === 0
      ? Promise.reject(new TypeError('fetch failed', { cause: refused }))
      : Promise.resolve(new Response('answer', { status }));
  };
  return { fetch: answer, asked: () => asked };
}

describe('evaluateAnswer', () => {
  it.each<[string, Partial<SmokeTestInput>, [status: number, body: string], boolean, string?]>([
    ['success', {}, [204, ''], true],
    ['an error', {}, [500, 'no:\n password=hunter2'], false, 'HTTP 500: no: password=***'],
    ['a redirect', {}, [302, ''], false],
    [
      'a redirect that is wanted',
      {
        statuses: [
          [200, 200],
          [301, 302],
        ],
      },
      [302, ''],
      true,
    ],
    ['a success that is not wanted', { statuses: [[401, 401]] }, [200, ''], false],
    ['the text', { body: '"ok"' }, [200, '{"status": "ok"}'], true],
    [
      'another text',
      { body: 'ok' },
      [200, 'Ok'],
      false,
      'HTTP 200 without the text that it must contain: Ok',
    ],
  ])('%s', (_, change, [status, body], ...[good, said = `HTTP ${status}`]) => {
    expect(evaluateAnswer({ ...wanted, ...change }, status, body)).toEqual({ good, said });
  });
});

describe('smokeTest', () => {
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const { signal } = new AbortController();

  it.each<[string, number[], { requests: number; passes: 'every' | 'any' }, object]>([
    [
      'passes at once',
      [200],
      { requests: 1, passes: 'every' },
      { kind: 'passed', attempts: 1, answers: 1, said: 'HTTP 200' },
    ],
    [
      'passes at the third attempt',
      [0, 503, 200],
      { requests: 1, passes: 'every' },
      { kind: 'passed', attempts: 3 },
    ],
    [
      'is not made for want of a connection',
      [0],
      { requests: 1, passes: 'every' },
      {
        kind: 'unreachable',
        attempts: 5,
        said: 'fetch failed: connect ECONNREFUSED 192.0.2.1:80',
        obstacle: 'connection',
      },
    ],
    [
      'is not made where only the way is bad among good answers',
      [200, 0],
      { requests: 12, passes: 'every' },
      { kind: 'unreachable', attempts: 5 },
    ],
    [
      'fails for one bad answer among attempts that got none',
      [0, 503, 0],
      { requests: 1, passes: 'every' },
      { kind: 'failed', attempts: 5, said: 'HTTP 503: answer' },
    ],
    [
      'wants every answer of an attempt to be good',
      [200, 200, 500, 200],
      { requests: 4, passes: 'every' },
      { kind: 'passed', attempts: 2, answers: 4 },
    ],
    [
      'wants one of many to be good',
      [404, 404, 200, 404],
      { requests: 4, passes: 'any' },
      { kind: 'passed', attempts: 1, said: 'HTTP 200' },
    ],
    [
      'fails without a good one',
      [404],
      { requests: 4, passes: 'any' },
      { kind: 'failed', attempts: 5, said: 'HTTP 404: answer' },
    ],
  ])('%s', async (_, statuses, how, expected) => {
    const { fetch } = answering(...statuses);
    expect(await smokeTest(test, how, { clock, fetch, signal })).toMatchObject(expected);
  });

  it('has patience with an address that is new', async () => {
    let now = 0;
    const passing = { now: () => now, sleep: (seconds: number) => ((now += seconds), Promise.resolve()) };
    const { fetch } = answering(...Array<number>(20).fill(0), 200);
    const how = { requests: 1, passes: 'every', patience: 120 } as const;
    expect(await smokeTest(test, how, { clock: passing, fetch, signal })).toMatchObject({
      kind: 'passed',
      attempts: 21,
    });
    const never = { clock: passing, fetch: answering(0).fetch, signal };
    expect(await smokeTest(test, how, never)).toMatchObject({ kind: 'unreachable', attempts: 41 });
  });

  it('takes what a proxy answers itself for no answer', async () => {
    const fetch = () => Promise.resolve(new Response('denied', { status: 407 }));
    const outcome = await smokeTest(test, { requests: 1, passes: 'every' }, { clock, fetch, signal });
    expect(outcome).toMatchObject({ kind: 'unreachable', obstacle: 'proxy' });
  });

  it('stops when the job is cancelled', async () => {
    const { fetch, asked } = answering(500);
    const outcome = await smokeTest(
      test,
      { requests: 1, passes: 'every' },
      { clock, fetch, signal: AbortSignal.abort() },
    );
    expect([outcome.kind, asked()]).toEqual(['cancelled', 0]);
  });
});
