import { describe, expect, it } from '@jest/globals';
import { judge } from '../../../scripts/demo/expectations.ts';
import type { DemoRun } from '../../../scripts/demo/expectations.ts';
import { renderExpectations, renderTable } from '../../../scripts/demo/table.ts';
import { demoVersions } from '../../../scripts/demo/versions.ts';

const load = {
  sent: 20_001,
  failed: 0,
  lost: 0,
  statuses: { 200: 20_001 },
  versions: { '1.0.0': 5000, '2.0.0': 15_001 },
  lastAnswers: {},
  failures: [],
  latencyMilliseconds: { p50: 4, p99: 31, max: 88 },
  seconds: 60,
};

function good(): [DemoRun, DemoRun, DemoRun] {
  const [one, two, three] = demoVersions;
  if (!one || !two || !three) throw new Error('there are three versions');
  const common = { sha: 'abcdef0123', phases: [{ name: 'image', seconds: 12.34 }] };
  const step = {
    conclusion: 'success' as const,
    seconds: 70,
    leftovers: [],
    temporaryFiles: [],
    outputs: {},
  };
  return [
    {
      ...common,
      demoVersion: one,
      step,
      instancesBefore: [],
      instancesAfter: ['i-1', 'i-2'],
      load: undefined,
      row: { found: true, version: '1.0.0' },
    },
    {
      ...common,
      demoVersion: two,
      step,
      instancesBefore: ['i-1', 'i-2'],
      instancesAfter: ['i-3', 'i-4'],
      load,
      row: { found: true, version: '2.0.0' },
    },
    {
      ...common,
      demoVersion: three,
      step: {
        ...step,
        conclusion: 'failure',
        outputs: { 'failure-reason': 'targets-unhealthy', status: 'rolled-back' },
      },
      instancesBefore: ['i-3', 'i-4'],
      instancesAfter: ['i-3', 'i-4'],
      load: { ...load, versions: { '2.0.0': 20_001 } },
      row: { found: true, version: '2.0.0' },
    },
  ];
}

function unmet(change: (runs: [DemoRun, DemoRun, DemoRun]) => void): string[] {
  const runs = good();
  change(runs);
  return judge(runs)
    .filter(({ met }) => !met)
    .map(({ text }) => text);
}

describe('judge', () => {
  it('is content when everything went as promised', () => {
    expect(unmet(() => undefined)).toEqual([]);
  });

  it.each<[string, (runs: [DemoRun, DemoRun, DemoRun]) => void]>([
    ['version 1: the run ends in success', ([one]) => (one.step = { ...one.step, conclusion: 'failure' })],
    ['version 2: every instance was replaced', ([, two]) => (two.instancesAfter = ['i-2', 'i-4'])],
    ['version 2: two instances serve afterwards', ([, two]) => (two.instancesAfter = ['i-4'])],
    ['version 2: no request failed', ([, two]) => (two.load = { ...load, failed: 1 })],
    ['version 2: at least 20000 requests were sent', ([, two]) => (two.load = { ...load, sent: 19_999 })],
    ['version 2: the row of version 1 is there', ([, two]) => (two.row = { found: false, version: '2.0.0' })],
    ['version 2: 2.0.0 answers afterwards', ([, two]) => (two.row = { found: true, version: '1.0.0' })],
    [
      'version 3: the run ends in failure',
      ([, , three]) => (three.step = { ...three.step, conclusion: 'success' }),
    ],
    ['version 3: the run names the reason', ([, , three]) => (three.step = { ...three.step, outputs: {} })],
    [
      'version 3: no user saw a version that was not healthy',
      ([, , three]) => (three.load = { ...load, versions: { '3.0.0': 1 } }),
    ],
    [
      'version 3: nothing is left of the run, neither processes nor files',
      ([, , three]) => (three.step = { ...three.step, temporaryFiles: ['plan'] }),
    ],
  ])('sees when this is broken: %s', (text, change) => {
    expect(unmet(change)).toEqual([text]);
  });
});

describe('the table', () => {
  it('has a column a run and fits a terminal', () => {
    const table = renderTable(good());
    expect(table).toMatch(/requests sent +– +20,001 +20,001/);
    expect(table).toMatch(/ {2}image +12\.3 s +12\.3 s +12\.3 s/);
    expect(table).toMatch(/failure-reason +targets-unhealthy/);
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('says what was seen where an expectation was not met', () => {
    const runs = good();
    runs[1].load = { ...load, failed: 2, lost: 1, failures: ['GET /: 502', 'GET /: no answer'] };
    expect(renderExpectations(judge(runs))).toMatch(
      /✗ version 2: no request failed \(seen: 2 of 20001 failed, 1 of them .*; the first: GET \/: 502; GET/,
    );
  });
});
