import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { DeployError } from '../../src/core/errors.ts';
import { failureOf } from '../../src/report/failure.ts';
import { firstLine } from '../../src/first-line.ts';
import { consoleLinks } from '../../src/report/links.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { newRecord, outcomeOf, whatWasLeft } from '../../src/report/record.ts';
import type { RunRecord } from '../../src/report/record.ts';
import { summaryOf } from '../../src/report/summary.ts';
import { failureText, shortDigest } from '../../src/core/text.ts';

const digest = `sha256:9f3c1a2b${'0'.repeat(56)}`;
const image = {
  repository: '123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop',
  digest,
  tag: 'v1',
  reference: `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@${digest}`,
  built: true,
};
const outputs = {
  autoscalingGroupName: 'shop-prod',
  launchTemplateId: 'lt-1',
  launchTemplateVersion: 42,
  targetGroupArns: [],
  url: 'http://shop.example',
  repositoryUrl: image.repository,
  alarmNames: [],
  all: { url: 'http://shop.example', launch_template_version: 42 },
};
const rollout = {
  status: 'successful' as const,
  instanceRefreshId: 'refresh-1',
  templateVersion: 42,
  previousTemplateVersion: 41,
  instancesBefore: ['i-1', 'i-2'],
  instancesAfter: ['i-3', 'i-4'],
  forecast: { seconds: 200, mostly: '2 min are warmup' },
  seconds: 190,
};
const asked = {
  command: 'deploy',
  application: 'shop',
  environment: 'prod',
  region: 'eu-north-1',
  started: 1000,
};
const whole: Partial<RunRecord> = {
  ...asked,
  image,
  outputs,
  rollout,
  applied: true,
  commit: '4e1a2b7'.padEnd(40, '0'),
};
const failure = new DeployError({
  reason: 'boot-failed',
  message: 'the new version does not start',
  evidence: [
    { label: 'what the container said', text: 'Error: no DATABASE_URL\n  at start' },
    { label: 'what AWS said', text: 'Target.FailedHealthChecks' },
  ],
  left: 'All 2 instances run version 41.',
  next: 'add it to Parameter Store, then run this job again',
});

describe('failureText', () => {
  it('is a sentence, the evidence, what was left, and what to do', () => {
    expect(failureText(failure).split('\n')).toEqual([
      'the new version does not start:',
      '  what the container said:  Error: no DATABASE_URL',
      '                              at start',
      '  what AWS said:            Target.FailedHealthChecks',
      '  left: All 2 instances run version 41.',
      '  next: add it to Parameter Store, then run this job again',
      '  failure-reason=boot-failed',
    ]);
  });

  it('is one sentence for one wrong input', () => {
    const wrong = new DeployError({
      reason: 'input-invalid',
      message: 'timeout is "x"; give y',
      left: 'Nothing was touched.',
    });
    expect(failureText(wrong).split('\n')[0]).toBe('timeout is "x"; give y. Nothing was touched.');
  });
});

describe('failureOf', () => {
  it.each<[unknown, string, RegExp]>([
    [failure, 'boot-failed', /does not start/],
    [Object.assign(new Error('no'), { name: 'AccessDeniedException' }), 'credentials', /may not do/],
    [new TypeError('x is not a function'), 'internal', /in rollout that this action did not expect/],
    ['a text', 'internal', /did not expect/],
  ])('%s is %s', (error, reason, message) => {
    const told = failureOf(error, newRecord({ ...asked, phase: 'rollout' }));
    expect(told.reason).toBe(reason);
    expect(told.message).toMatch(message);
    expect(told.left).not.toBeUndefined();
  });

  it('keeps the message of what it does not know', () => {
    expect(failureOf(new TypeError('x is not a function'), newRecord()).evidence).toEqual([
      { label: 'TypeError', text: 'x is not a function' },
    ]);
  });

  it('says what a cancelled run left and that the next one goes on', () => {
    const cancelled = new DeployError({ reason: 'cancelled', message: 'the job was cancelled' });
    expect(failureOf(cancelled, newRecord({ ...asked, image, phase: 'registry' }))).toMatchObject({
      left: 'Image v1 is in the registry; infrastructure and instances were not touched.',
      next: expect.stringMatching(/goes on from there/),
    });
  });
});

describe('whatWasLeft', () => {
  it.each<[Partial<RunRecord>, RegExp]>([
    [{}, /^Nothing was touched\.$/],
    [{ phase: 'credentials' }, /^Nothing was touched\.$/],
    [{ phase: 'image' }, /^Infrastructure and instances were not touched\.$/],
    [{ phase: 'infrastructure', image }, /Terraform may have changed/],
    [{ phase: 'infrastructure', applied: true }, /still run what they ran before/],
    [{ phase: 'rollout', applied: true }, /a rollout of shop-prod may be under way/],
    [{ phase: 'rollout', rollout }, /The rollout had ended \(successful\)/],
  ])('%j', (record, text) => {
    expect(whatWasLeft(newRecord({ ...asked, ...record }))).toMatch(text);
  });
});

describe('outcomeOf', () => {
  const unchanged = {
    image: { ...image, built: false },
    rollout: { ...rollout, status: 'unchanged' as const },
  };
  it.each<[Partial<RunRecord>, DeployError | undefined, string]>([
    [whole, undefined, 'deployed'],
    [unchanged, undefined, 'unchanged'],
    [{ ...unchanged, applied: true }, undefined, 'deployed'],
    [{ command: 'plan' }, undefined, 'planned'],
    [{}, failure, 'failed'],
    [{ rollout: { ...rollout, status: 'rolled-back' } }, failure, 'rolled-back'],
    [{}, new DeployError({ reason: 'cancelled', message: 'x' }), 'cancelled'],
  ])('%#: %j', (record, error, outcome) => {
    expect(outcomeOf(newRecord({ ...asked, ...record }), error)).toBe(outcome);
  });
});

describe('outputsOf', () => {
  it('tells a success', () => {
    expect(outputsOf(newRecord(whole), undefined, 61_400)).toEqual({
      status: 'deployed',
      'failure-reason': '',
      url: 'http://shop.example',
      image: image.reference,
      'image-digest': digest,
      'template-version': '42',
      'previous-template-version': '41',
      'instance-refresh-id': 'refresh-1',
      'duration-seconds': '60',
      'plan-summary': '',
      running: '',
      'terraform-outputs': '{"url":"http://shop.example","launch_template_version":42}',
    });
  });

  it('has every output of action.yml, also when nothing is known', async () => {
    const { outputs: declared } = parse(await readFile('action.yml', 'utf8')) as { outputs: object };
    const set = outputsOf(newRecord(asked), failure, 1000);
    expect(Object.keys(set).sort()).toEqual(Object.keys(declared).sort());
    expect(set).toMatchObject({ status: 'failed', 'failure-reason': 'boot-failed', url: '' });
  });
});

describe('summaryOf', () => {
  it('tells what runs, where and how long it took', () => {
    const phases = [{ name: 'rollout', seconds: 190 }];
    const plan = { add: 1, change: 0, destroy: 0, changes: ['+ aws_lb.main'] };
    const text = summaryOf(
      newRecord({ ...whole, phases, plan, conclusion: 'Deployed.' }),
      undefined,
      241_000,
    );
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

describe('small texts', () => {
  it('shortDigest', () => expect(shortDigest(digest)).toBe('sha256:9f3c1a2b…'));

  it('firstLine repeats what was asked for, and nothing that the runner would obey', () => {
    expect(
      firstLine({ INPUT_APPLICATION: 'shop\n::set-env::x', GITHUB_SHA: '4e1a2b7'.padEnd(40, '0') }),
    ).toBe('asg-deploy: deploy shop::set-env::x (commit 4e1a2b7)');
  });

  it('consoleLinks go to the console of the partition', () => {
    const hosts = ['eu-north-1', 'us-gov-west-1', 'cn-north-1'].map(
      (region) => new URL(consoleLinks(newRecord({ ...whole, region }))[0]?.address ?? '').host,
    );
    expect(hosts).toEqual([
      'eu-north-1.console.aws.amazon.com',
      'us-gov-west-1.console.amazonaws-us-gov.com',
      'cn-north-1.console.amazonaws.cn',
    ]);
  });
});
