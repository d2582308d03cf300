import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { notificationFor, notify } from '../../src/report/notification.ts';
import { newRecord } from '../../src/report/record.ts';
import { failure, whole } from './fixtures.ts';

const slack = 'https://hooks.slack.com/services/T0/B0/x';
const repositoryUrl = 'https://github.com/octo-org/shop';
const runUrl = `${repositoryUrl}/actions/runs/1001`;
const record = newRecord({ ...whole, repositoryUrl, runUrl });

describe('what a webhook is told', () => {
  it('is plain JSON with a text that any chat shows', () => {
    expect(notificationFor('https://chat.example/hooks/1', { record, failure, now: 4000 })).toEqual({
      text: '❌ failed: deploy shop prod. the new version does not start.',
      ...{ command: 'deploy', application: 'shop', environment: 'prod', region: 'eu-north-1' },
      ...{ status: 'failed', 'failure-reason': 'boot-failed', sentence: 'the new version does not start.' },
      ...{ left: failure.left, next: failure.next },
      ...{ 'template-version': 42, 'previous-template-version': 41 },
      ...{ image: whole.image?.reference, commit: whole.commit, url: 'http://shop.example', run: runUrl },
      'duration-seconds': 3,
    });
  });

  it('has the form of Slack at Slack: blocks, and nothing that reads as its markup', () => {
    const sentence = 'Deployed <shop> & more.';
    const message = notificationFor(slack, {
      record: { ...record, conclusion: { status: 'deployed', sentence } },
      failure: undefined,
      now: 4000,
    });
    expect(Object.keys(message)).toEqual(['text', 'blocks']);
    expect(JSON.stringify(message)).toContain(
      '*✅ deployed: deploy shop prod*\\nDeployed &lt;shop&gt; &amp; more.',
    );
    expect(JSON.stringify(message)).toContain(`<${runUrl}|run> · <http://shop.example|service>`);
  });

  it('stays below what Slack takes of a block', () => {
    const long = new DeployError({ reason: 'internal', message: 'x'.repeat(9000), left: 'y'.repeat(9000) });
    const { blocks } = notificationFor(slack, { record, failure: long, now: 4000 }) as {
      blocks: { text?: { text: string } }[];
    };
    for (const { text } of blocks) expect(text?.text.length ?? 0).toBeLessThan(3000);
  });
});

describe('notify', () => {
  const answering = (...statuses: (number | Error)[]) => {
    const calls: RequestInit[] = [];
    const fetchWith = ((_address: string, init: RequestInit) => {
      calls.push(init);
      const status = statuses[Math.min(calls.length, statuses.length) - 1] ?? 500;
      return status instanceof Error ? Promise.reject(status) : Promise.resolve(new Response('', { status }));
    }) as unknown as typeof fetch;
    return { calls, fetchWith };
  };

  it.each<[string, (number | Error)[], string | undefined, number]>([
    ['is taken', [200], undefined, 1],
    ['is refused', [404], 'it answered with HTTP 404', 1],
    ['comes again after a bad gateway', [502, 200], undefined, 2],
    ['comes again once, and no more', [503, 503, 200], 'it answered with HTTP 503', 2],
    ['is not sent on', [302], 'it answered with HTTP 302', 1],
    [
      'says why nobody answers',
      [new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })],
      'ECONNREFUSED',
      2,
    ],
  ])('%s', async (_what, statuses, why, calls) => {
    const { calls: made, fetchWith } = answering(...statuses);
    expect(await notify(slack, { text: 'x' }, fetchWith)).toBe(why);
    expect(made).toHaveLength(calls);
    expect(made[0]).toMatchObject({ method: 'POST', redirect: 'manual', body: '{"text":"x"}' });
  });
});
