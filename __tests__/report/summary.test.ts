import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { newRecord } from '../../src/report/record.ts';
import { summaryOf } from '../../src/report/summary.ts';
import { asked, whole } from './fixtures.ts';

describe('summaryOf', () => {
  it('tells what runs, where and how long it took', () => {
    const phases = [{ name: 'rollout' as const, seconds: 190 }];
    const plan = { add: 1, change: 0, destroy: 0, changes: ['+ aws_lb.main'] };
    const text = summaryOf(newRecord({ ...whole, phases, plan }), undefined, 241_000);
    expect(text).toContain('## deploy shop prod: ✅ deployed in 4 min\n\nDeployed.');
    expect(text).toContain('| template version | 41 → 42 |');
    expect(text).toContain('| instances before | <code>i-1</code> <code>i-2</code> |');
    expect(text).toContain('| instances after | <code>i-3</code> <code>i-4</code> |');
    expect(text).toMatch(
      /\| rollout time \| [^|]+; the forecast was 3 min 20 s, of which 2 min are warmup \|/,
    );
    expect(text).toContain('| rollout | 3 min 10 s |');
    expect(text).toContain('1 to add, 0 to change, 0 to destroy');
  });

  it('tells how the requests were shifted, what was judged and how fast they went back', () => {
    const figures = (requests: number, errors: number) => ({ requests, errors, latency: 0.05 });
    const minute = { start: '2026-11-22T12:00:00.000Z', weight: 5 };
    const traffic = {
      shifts: [{ seconds: 60, weight: 5 }],
      judgements: [{ seconds: 190, weight: 5, verdict: 'bad', because: '3 % of 710 requests failed' }],
      minutes: [{ ...minute, previous: figures(19_000, 0), current: figures(1000, 30) }],
      secondsToUndo: 2,
    };
    const rollout = { ...whole.rollout!, traffic };
    const text = summaryOf(newRecord({ ...whole, rollout }), undefined, 241_000);
    expect(text).toContain(
      [
        '| 1 min | 5 % of the requests to the new version |',
        '| 3 min 10 s | judged at 5 %: bad: 3 % of 710 requests failed |',
        '| judged | 1000 of 20000 requests of these minutes reached the new version, 30 of them failed |',
        '| back | 2 s from the verdict to the weights of before |',
      ].join('\n'),
    );
    expect(summaryOf(newRecord(whole), undefined, 241_000)).not.toContain('of the requests');
  });

  it('tells a failure, and lets no evidence break out of its cell', () => {
    const evil = new DeployError({
      reason: 'boot-failed',
      message: 'it <b>failed</b>',
      evidence: [{ label: 'a|b', text: '</code><script>|x' }],
      next: 'do *this*',
    });
    const text = summaryOf(newRecord(asked), evil, 1000);
    expect(text).toContain('**it \\<b\\>failed\\</b\\>.**');
    expect(text).toContain('| a\\|b | <code>&lt;/code&gt;&lt;script&gt;&#124;x</code> |');
    expect(text).toContain('| next | do \\*this\\* |');
    expect(text).toContain('| failure-reason | `boot-failed` |');
  });
});
