import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import type { RolloutCourse } from '../../src/core/types.ts';
import { newRecord } from '../../src/report/record.ts';
import { longestSummary, summaryOf } from '../../src/report/summary.ts';
import { asked, failure, image, rollout, whole } from './fixtures.ts';
import { markdownFaults } from './markdown-faults.ts';

const repositoryUrl = 'https://github.com/octo-org/shop';
const before = `${image.repository}@sha256:${'7'.repeat(64)}`;
const previous = { image: before, commit: 'c09d11e'.padEnd(40, '0') };
const none = { total: 0, newest: [] };
const course: RolloutCourse = {
  seconds: 190,
  series: [
    {
      name: 'version 41',
      points: [
        [0, 2],
        [90, 0],
      ],
    },
    {
      name: 'version 42',
      points: [
        [0, 0],
        [60, 2],
      ],
    },
  ],
  total: {
    name: 'in all',
    points: [
      [0, 2],
      [60, 4],
      [90, 2],
    ],
  },
  spans: [{ row: 'i-1', name: 'version 41', from: 0, to: 90, kind: 'before' }],
  fewest: { serving: 1, desired: 2, at: 67 },
};

describe('summaryOf', () => {
  it('tells what runs, where and how long it took', () => {
    const phases = [
      { name: 'rollout' as const, seconds: 190 },
      { name: 'image' as const, seconds: 12 },
    ];
    const plan = { add: 1, change: 0, destroy: 0, changes: ['+ aws_lb.main'] };
    const text = summaryOf(newRecord({ ...whole, phases, plan }), undefined, { now: 241_000 });
    expect(text).toContain('## deploy shop prod: ✅ deployed in 4 min\n\nDeployed.');
    expect(text).toContain('| template version | 41 → 42 |');
    expect(text).toContain('| instances before | <code>i-1</code> <code>i-2</code> |');
    expect(text).toContain('| instances after | <code>i-3</code> <code>i-4</code> |');
    expect(text).toContain('It took 3 min 10 s; the forecast was 3 min 20 s, of which 2 min are warmup.');
    expect(text).toMatch(/\| image \| 12 s \|\n\| rollout \| 3 min 10 s \|/);
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
    const text = summaryOf(newRecord({ ...whole, rollout: { ...rollout, traffic } }), undefined, {
      now: 241_000,
    });
    expect(text).toContain(
      [
        '| 1 min | 5 % of the requests to the new version |',
        '| 3 min 10 s | judged at 5 %: bad: 3 % of 710 requests failed |',
        '| judged | 1,000 of 20,000 requests of these minutes reached the new version, 30 of them failed |',
        '| back | 2 s from the verdict to the weights of before |',
      ].join('\n'),
    );
    expect(summaryOf(newRecord(whole), undefined, { now: 241_000 })).not.toContain('of the requests');
  });

  it('shows who had the requests when, above the instances, and that they went back', () => {
    const traffic = {
      ...{ judgements: [], minutes: [], secondsToUndo: 2 },
      shifts: [5, 50, 0].map((weight, index) => ({ seconds: 60 * (index + 1), weight })),
    };
    const text = summaryOf(newRecord({ ...whole, rollout: { ...rollout, course, traffic } }), failure, {
      now: 241_000,
    });
    const [, gantt = ''] = text.split('\ngantt\n');
    const rows = gantt.split('```')[0]?.match(/(?<=section ).*|(?<= {4}).*(?= :)/g);
    expect(rows).toEqual(['share of 42', '5 %', '50 %', '0 %', 'i-1', 'version 41']);
    expect(text).toContain('| 3 min | 0 % of the requests to the new version |');
  });

  it('draws no picture of failures where nothing failed, and says so', () => {
    const figures = { requests: 1000, errors: 0, latency: 0.05 };
    const traffic = {
      shifts: [{ seconds: 60, weight: 5 }],
      judgements: [],
      minutes: [{ start: '2026-11-22T12:00:00.000Z', weight: 5, previous: figures, current: figures }],
    };
    const text = summaryOf(newRecord({ ...whole, rollout: { ...rollout, traffic } }), undefined, {
      now: 241_000,
    });
    expect(text).not.toContain('Failed requests');
    expect(text).toContain('reached the new version, 0 of them failed');
  });

  it('tells what changed: versions, whole digests, commits and configuration', () => {
    const plan = {
      ...{ add: 0, change: 1, destroy: 0, changes: ['~ aws_lb.main', '+ aws_eip.nat'] },
      edits: [{ address: 'aws_lb.main', attributes: [{ name: 'idle_timeout', from: '60', to: '30' }] }],
    };
    const text = summaryOf(newRecord({ ...whole, repositoryUrl, previous, plan }), undefined, { now: 2000 });
    expect(text).toContain(
      `| image | <code>${image.reference}</code> (v1) |\n| image before | <code>${before}</code> |`,
    );
    expect(text).toContain(`[c09d11e](${repositoryUrl}/commit/${previous.commit})`);
    expect(text).toContain(`[compare](${repositoryUrl}/compare/${previous.commit}...${whole.commit})`);
    expect(text).toContain('| configuration | \\~ aws\\_lb.main (idle\\_timeout), + aws\\_eip.nat |');
    expect(text).toContain('```diff\n! aws_lb.main\n!     idle_timeout: 60 → 30\n+ aws_eip.nat\n```');
    const spaced = 'aws_ssm_parameter.of["a b"]';
    const edits = [{ address: spaced, attributes: [{ name: 'value', from: '1', to: '2' }] }];
    const changes = [`~ ${spaced} (imported from a b)`];
    expect(
      summaryOf(newRecord({ ...whole, plan: { ...plan, changes, edits } }), undefined, { now: 2000 }),
    ).toContain(`! ${spaced} (imported from a b)\n!     value: 1 → 2\n`);
    const back = { ...whole, command: 'rollback', repositoryUrl, previous };
    expect(summaryOf(newRecord(back), undefined, { now: 2000 })).toContain(
      `[taken back](${repositoryUrl}/compare/${whole.commit}...${previous.commit})`,
    );
    expect(summaryOf(newRecord(back), undefined, { now: 2000 })).toMatch(
      /^## rollback shop prod: ✅ went back in /,
    );
  });

  it('lists the commits that came and went, newest first, and leads to more of them', () => {
    const commit = (index: number) => ({
      sha: String(index).padEnd(40, '0'),
      ...{ subject: `mend *${index}*`, author: index === 1 ? 'ada' : '' },
    });
    const commits = {
      added: { total: 12, newest: Array.from({ length: 12 }, (_, index) => commit(index)) },
      removed: { total: 1, newest: [commit(99)] },
    };
    const record = newRecord({ ...whole, repositoryUrl, previous, commits });
    const text = summaryOf(record, undefined, { now: 2000 });
    const [, came = '', went = ''] =
      /\*\*12 new commits\*\*\n\n([^]*)\n\n\*\*1 commit taken back\*\*\n\n(.*)\n/.exec(text) ?? [];
    const lines = came.split('\n');
    expect(lines.slice(0, 2)).toEqual([
      `- [0000000](${repositoryUrl}/commit/${'0'.repeat(40)}) mend \\*0\\*`,
      `- [1000000](${repositoryUrl}/commit/${'1'.padEnd(40, '0')}) mend \\*1\\* (ada)`,
    ]);
    expect(lines.slice(10)).toEqual([
      `- [2 more](${repositoryUrl}/compare/${previous.commit}...${whole.commit})`,
    ]);
    expect(went).toMatch(/^- \[9900000\]/);
    const tried = summaryOf(record, failure, { now: 2000 });
    expect(tried).toContain('**12 commits tried**');
    expect(tried).toContain('**1 commit left out**');
  });

  it('cuts a long subject at its end, and within no character', () => {
    const subject = `${'x'.repeat(118)}🟥 | <b> \`end\``;
    const commits = { added: { total: 1, newest: [{ ...commitOf(1, ''), subject }] }, removed: none };
    const text = summaryOf(newRecord({ ...whole, repositoryUrl, previous, commits }), undefined, {
      now: 2000,
    });
    expect(text).toContain(`) ${'x'.repeat(118)}…\n`);
    expect(markdownFaults(text)).toEqual([]);
  });

  it('links the commits that went, where none came, whatever the command was', () => {
    const commits = { added: none, removed: { total: 1, newest: [commitOf(1, 'x')] } };
    const record = newRecord({ ...whole, command: 'redeploy', repositoryUrl, previous, commits });
    expect(summaryOf(record, undefined, { now: 2000 })).toContain(
      `[taken back](${repositoryUrl}/compare/${whole.commit}...${previous.commit})`,
    );
  });

  it('lists what was warned of, each once', () => {
    const warnings = ['stickiness is on: old *sessions*', 'the quota is near', 'the quota is near'];
    const text = summaryOf(newRecord({ ...whole, warnings }), undefined, { now: 2000 });
    expect(text).toContain('### Warnings\n\n- stickiness is on: old \\*sessions\\*\n- the quota is near\n\n');
    expect(summaryOf(newRecord(whole), undefined, { now: 2000 })).not.toContain('Warnings');
  });

  it('leaves the plan of a comment its room, however much was warned of', () => {
    const plan = { add: 1, change: 0, destroy: 0, changes: ['+ aws_lb.main'] };
    const warnings = Array.from({ length: 300 }, (_, index) => `${index} ${'deprecated '.repeat(400)}`);
    const text = summaryOf(newRecord({ ...whole, plan, warnings }), undefined, { now: 2000, bytes: 64_000 });
    expect(text).toContain('+ aws_lb.main');
    expect(text).toContain('- 280 more: see the log');
  });

  it('says of what did not stay that it was tried', () => {
    const rolledBack = { ...rollout, status: 'rolled-back' as const };
    const text = summaryOf(newRecord({ ...whole, rollout: rolledBack }), failure, { now: 2000 });
    expect(text).toContain('## deploy shop prod: ❌ rolled back');
    expect(text).toContain('| image that was tried |');
    expect(text.indexOf('add it to Parameter Store')).toBeLessThan(text.indexOf('What changed'));
  });

  it('shows the course of the rollout, and how many served at the fewest', () => {
    const text = summaryOf(newRecord({ ...whole, rollout: { ...rollout, course } }), undefined, {
      now: 2000,
    });
    expect(text).toMatch(
      /```mermaid\n[^`]*xychart-beta[^`]*```\n\n<sub>⬜ in all · 🟦 version 41 · 🟧 version 42/,
    );
    expect(text).toMatch(/```mermaid\n[^`]*gantt[^`]*section i-1\n[^`]*```/);
    expect(text).toContain('At the fewest, 1 of 2 wanted instances were healthy, at 1:07.');
  });

  it('notes what the environment goes without', () => {
    const text = summaryOf(newRecord({ ...whole, note: 'Requests travel as plain HTTP' }), undefined, {
      now: 2000,
    });
    expect(text).toContain('> [!NOTE]\n> Requests travel as plain HTTP\n');
  });

  it('is readable with a thousand instances: it counts them', () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `i-${index}`);
    const many = { ...rollout, instancesBefore: ids, instancesAfter: ids };
    const text = summaryOf(newRecord({ ...whole, rollout: many }), undefined, { now: 2000 });
    expect(text).toContain('| instances after | 1000 |');
    expect(text).not.toContain('i-999');
  });

  it('tells a failure, and lets no evidence break out of its cell', () => {
    const evil = new DeployError({
      reason: 'boot-failed',
      message: 'it <b>failed</b>',
      evidence: [{ label: 'a|b', text: '</code><script>|x' }],
      next: 'do *this*',
    });
    const text = summaryOf(newRecord(asked), evil, { now: 1000 });
    expect(text).toContain('**it \\<b\\>failed\\</b\\>.**');
    expect(text).toContain('| a\\|b | <code>&lt;/code&gt;&lt;script&gt;&#124;x</code> |');
    expect(text).toContain('| next | do \\*this\\* |');
    expect(text).toContain('| failure-reason | `boot-failed` |');
  });
});

describe('a summary that is longer than GitHub takes', () => {
  const plan = {
    ...{ add: 90_000, change: 0, destroy: 0 },
    changes: Array.from({ length: 90_000 }, (_, index) => `+ aws_ssm_parameter.of["ä${index}"]`),
  };
  const details = Array.from({ length: 40_000 }, (_, index) => `a line <${index}> of the forecast`);
  const refused = Array.from({ length: 9000 }, (_, index) => `aws_s3_bucket.of[${index}]: is destroyed`);
  const count = (text: string, part: string) => text.split(part).length - 1;

  it.each<[string, Parameters<typeof newRecord>[0], number]>([
    ['a plan', { plan }, longestSummary],
    ['a forecast', { details }, longestSummary],
    ['both', { plan, details }, longestSummary],
    ['both, in a comment', { plan, details, refused }, 64_000],
  ])('is cut at a line, closed and told: %s', (_what, parts, bytes) => {
    const text = summaryOf(newRecord({ ...whole, ...parts }), undefined, { now: 2000, bytes });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
    expect(text).toMatch(
      /_\d+ more [\w ]+ are left out here, because GitHub takes no longer text: the log has/,
    );
    expect(count(text, '```') % 2).toBe(0);
    expect(count(text, '<pre>')).toBe(count(text, '</pre>'));
    expect(count(text, '<details>')).toBe(count(text, '</details>'));
    expect(text).toContain('## deploy shop prod: ✅ deployed');
    expect(text).toContain('| template version | 41 → 42 |');
  });

  it('fills the room that there is', () => {
    const text = summaryOf(newRecord({ ...whole, plan }), undefined, { now: 2000 });
    expect(Buffer.byteLength(text)).toBeGreaterThan(longestSummary * 0.9);
  });

  it('keeps the end of what a program wrote', () => {
    const log = `${'noise\n'.repeat(400_000)}Error: the last word`;
    const long = new DeployError({
      reason: 'image-build',
      message: 'x',
      evidence: [{ label: 'said', text: log }],
    });
    const text = summaryOf(newRecord(asked), long, { now: 2000 });
    expect(text.length).toBeLessThan(20_000);
    expect(text).toContain('Error: the last word</code>');
    expect(text).toContain('characters left out');
    const many = new DeployError({ ...long, message: 'x', evidence: Array(50).fill(long.evidence[0]) });
    const comment = summaryOf(newRecord(asked), many, { now: 2000, bytes: 64_000 });
    expect(comment.length).toBeLessThan(64_000);
    expect(comment).toContain('47 more: see the log');
  });

  const everything = hugeRun();
  const limits = { summary: longestSummary, comment: 64_000 };
  it.each<[keyof typeof limits, string, string]>([
    ['summary', 'plain', 'a line of a log'],
    ['summary', 'in three bytes a character', '実行に失敗しました'],
    ['summary', 'in pairs of surrogates', '🟥🟧'],
    ['summary', 'made of signs', '|<`*_[&\\'],
    ['summary', 'of short lines', 'x\r\n'],
    ['summary', 'that would end a fence, a fold or a cell', '\n```\n</details></pre></code>|\r|\n'],
    ['comment', 'plain', 'a line of a log'],
    ['comment', 'in three bytes a character', '実行に失敗しました'],
    ['comment', 'in pairs of surrogates', '🟥🟧'],
    ['comment', 'made of signs', '|<`*_[&\\'],
    ['comment', 'of short lines', 'x\r\n'],
    ['comment', 'that would end a fence, a fold or a cell', '\n```\n</details></pre></code>|\r|\n'],
  ])('keeps result, failure and next step of a %s where all is huge at once: text %s', (kind, _, piece) => {
    const { record, failed } = everything(piece);
    const bytes = limits[kind];
    for (const given of [undefined, failed]) {
      const text = summaryOf(record, given, { now: 2000, bytes });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
      expect(markdownFaults(text)).toEqual([]);
      expect(text).toMatch(/^## deploy shop prod: (✅ deployed|❌ failed) in /);
      expect(text).toContain('because GitHub takes no longer text');
    }
    const text = summaryOf(record, failed, { now: 2000, bytes });
    expect(text).toMatch(/^\*\*the new version does not start/m);
    expect(text).toMatch(/^\| left \| All 1000 instances/m);
    expect(text).toMatch(/^\| next \| mend the application/m);
    expect(text).toContain('| failure-reason | `boot-failed` |');
    expect(text).toMatch(/^\| what the container said \| .*its last word<\/code> \|$/m);
  });

  it('says by name what there is no room for at all', () => {
    const text = summaryOf(everything('x').record, undefined, { now: 2000, bytes: 1200 });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1200);
    expect(text).toMatch(/_Left out here: .*the rollout.*, because GitHub takes no longer text\._/);
    expect(text).toContain('## deploy shop prod: ✅ deployed');
  });
});

const commitOf = (index: number, text: string) => ({
  sha: String(index).padEnd(40, '0'),
  ...{ subject: text, author: text },
});

/** A run in which everything that can be long is; the pieces of text of others are made of the given one. */
function hugeRun() {
  const many = <T>(size: number, of: (index: number) => T): T[] =>
    Array.from({ length: size }, (_, index) => of(index));
  return (piece: string) => {
    const all = piece.repeat(Math.ceil(200_000 / piece.length));
    const long = (size: number): string => all.slice(0, Math.ceil(size / piece.length) * piece.length);
    const ids = many(1200, (index) => `i-0${index.toString(16).padStart(16, 'a')}`);
    const addresses = many(6000, (index) => `aws_ssm_parameter.of[${JSON.stringify(`${piece}${index}`)}]`);
    const figures = { requests: 10_000, errors: 7, latency: 0.5 };
    const huge = {
      ...rollout,
      ...{ instancesBefore: ids, instancesAfter: ids, outdatedInstances: ids },
      course: {
        ...course,
        spans: many(24, (index) => ({
          row: `${index} ${piece}`,
          ...{ name: long(90), from: index, to: 190, kind: 'bad' as const },
        })),
      },
      traffic: {
        shifts: many(600, (index) => ({ seconds: index, weight: index % 100 })),
        judgements: many(600, (index) => ({
          ...{ seconds: index, weight: 5, verdict: 'bad', because: long(3000) },
        })),
        minutes: many(600, (index) => ({
          start: new Date(Date.UTC(2026, 10, 22, 12, index)).toISOString(),
          ...{ weight: 5, previous: figures, current: figures },
        })),
      },
    };
    const record = newRecord({
      ...whole,
      repositoryUrl,
      previous,
      commits: {
        added: { total: 5000, newest: many(100, (index) => commitOf(index, long(9000))) },
        removed: { total: 5000, newest: many(100, (index) => commitOf(index, long(9000))) },
      },
      warnings: many(300, (index) => `${index} ${long(3000)}`),
      rollout: huge,
      note: long(9000),
      details: many(3000, (index) => `${index} ${long(200)}`).concat(long(200_000)),
      refused: many(900, (index) => `${addresses[index] ?? ''}: is destroyed ${piece}`),
      plan: {
        ...{ add: 3000, change: 3000, destroy: 0 },
        changes: addresses.map((address, index) => `${index % 2 === 0 ? '+' : '~'} ${address}`),
        edits: addresses.map((address) => ({
          address,
          attributes: many(3, (index) => ({ name: `of_${index}`, from: piece, to: long(200) })),
        })),
      },
      phases: many(9, () => ({ name: 'rollout' as const, seconds: 190 })),
    });
    const failed = new DeployError({
      reason: 'boot-failed',
      message: `the new version does not start ${long(9000)}`,
      evidence: many(40, (index) => ({
        label: index === 0 ? 'what the container said' : `more ${long(500)}`,
        text: `${long(40_000)} its last word`,
      })),
      left: `All 1000 instances run version 41 ${long(9000)}`,
      next: `mend the application ${long(9000)}`,
    });
    return { record, failed };
  };
}
