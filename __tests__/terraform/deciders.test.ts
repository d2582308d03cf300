import { describe, expect, it } from '@jest/globals';
import { formatDiagnostic, diagnosticsOf, parsePlainDiagnostics } from '../../src/terraform/diagnostics.ts';
import {
  appliedResources,
  changesAnything,
  parseEvent,
  plannedOutputs,
  summarizePlan,
} from '../../src/terraform/events.ts';
import { classifyInit, classifyWork } from '../../src/terraform/failures.ts';
import { checksumOf, releaseFiles } from '../../src/terraform/install.ts';
import { isLockFailure, lockFailure, parseLockInfo } from '../../src/terraform/lock.ts';
import { createProgress } from '../../src/terraform/progress.ts';
import { parseVersion, selectTerraform, whyNot } from '../../src/terraform/select.ts';
import { scanHcl, undeclared } from '../../src/terraform/source.ts';
import { missingOutputs, outputsMissing, readContract } from '../../src/terraform/contract.ts';
import type { TerraformEvent } from '../../src/terraform/events.ts';
import type { Candidate } from '../../src/terraform/select.ts';

const planned = (action: string, addr: string, from?: string): TerraformEvent => ({
  type: 'planned_change',
  '@message': '',
  change: { action, resource: { addr }, ...(from !== undefined && { previous_resource: { addr: from } }) },
});
const hook = (type: string, addr: string, action = 'create', elapsed = 0): TerraformEvent => ({
  type,
  '@message': '',
  hook: { resource: { addr }, action, elapsed_seconds: elapsed },
});

describe('the event stream', () => {
  it.each([
    ['a message', '{"type":"version","@message":"Terraform 1.11.4","later":1}', 'version'],
    ['a warning printed before the stream', '│ Warning: Unable to open CLI configuration file', undefined],
    ['a cut line', '{"type":"ver', undefined],
    ['JSON of something else', '{"a":1}', undefined],
  ])('reads %s', (_name, line, type) => {
    expect(parseEvent(line)?.type).toBe(type);
  });

  it('is summarised as a plan', () => {
    const events: TerraformEvent[] = [
      planned('create', 'aws_lb.main'),
      planned('update', 'aws_launch_template.service'),
      planned('replace', 'aws_db_instance.main[0]'),
      planned('delete', 'aws_eip.nat'),
      planned('read', 'data.aws_ami.al2023'),
      planned('noop', 'aws_vpc.main'),
      planned('move', 'aws_subnet.b', 'aws_subnet.a'),
      {
        type: 'change_summary',
        '@message': '',
        changes: { add: 2, change: 1, remove: 2, operation: 'plan' },
      },
    ];
    expect(summarizePlan(events)).toEqual({
      add: 2,
      change: 1,
      destroy: 2,
      changes: [
        '+ aws_lb.main',
        '~ aws_launch_template.service',
        '-/+ aws_db_instance.main[0]',
        '- aws_eip.nat',
        '→ aws_subnet.b (moved from aws_subnet.a)',
      ],
    });
  });

  it('tells which outputs there will be, and what an apply left unfinished', () => {
    const outputs = { url: { sensitive: false, action: 'noop' } };
    expect(plannedOutputs([{ type: 'outputs', '@message': '', outputs }])).toEqual(['url']);
    expect(plannedOutputs([])).toBeUndefined();
    const events = [
      hook('apply_start', 'a'),
      hook('apply_start', 'b'),
      hook('apply_complete', 'a'),
      hook('apply_errored', 'b'),
    ];
    expect(appliedResources(events)).toEqual({ done: 1, unfinished: ['b'] });
  });

  const event = (type: string, more: object = {}): TerraformEvent => ({ type, '@message': '', ...more });
  const counted = event('change_summary', {
    changes: { add: 0, change: 0, remove: 0, operation: 'plan' },
  });
  const change = (action: string) => ({ change: { resource: { addr: 'a.b' }, action } });

  it.each<[string, TerraformEvent[], boolean]>([
    ['only drift', [event('resource_drift', change('update')), counted], false],
    [
      'drift and outputs that stay',
      [
        event('resource_drift', change('update')),
        counted,
        event('outputs', { outputs: { url: { sensitive: false, action: 'noop' } } }),
      ],
      false,
    ],
    ['a resource', [event('planned_change', change('update')), counted], true],
    ['a move', [event('planned_change', change('move')), counted], true],
    ['a data source that is read while applying', [event('planned_change', change('read')), counted], false],
    [
      'an output',
      [counted, event('outputs', { outputs: { url: { sensitive: false, action: 'create' } } })],
      true,
    ],
    ['a stream without its summary', [], true],
  ])('says whether an apply would do anything: %s', (_, events, expected) => {
    expect(changesAnything(events)).toBe(expected);
  });
});

describe('progress', () => {
  it('says what is done at once, and what is not every 20 s in one line', () => {
    const progress = createProgress();
    const lines = [
      ...progress(hook('apply_start', 'aws_lb.main'), 0),
      ...progress(hook('apply_start', 'aws_db_instance.main'), 0),
      ...progress(hook('apply_progress', 'aws_lb.main', 'create', 10), 10),
      ...progress(hook('apply_progress', 'aws_lb.main', 'create', 20), 20),
      ...progress(hook('apply_progress', 'aws_db_instance.main', 'create', 20), 20),
      ...progress(hook('apply_complete', 'aws_vpc.main', 'create', 1), 25),
      ...progress(hook('apply_complete', 'data.x', 'read', 1), 26),
      ...progress(hook('apply_progress', 'aws_lb.main', 'create', 40), 40),
      ...progress(hook('apply_complete', 'aws_lb.main', 'create', 62), 62),
      ...progress(hook('apply_errored', 'aws_db_instance.main', 'create', 67), 67),
    ];
    expect(lines).toEqual([
      ' 0:20  aws_lb.main: still creating, 20 s, and 1 more under way',
      ' 0:25  aws_vpc.main: created',
      ' 1:02  aws_lb.main: created in 1 min 2 s',
      ' 1:07  aws_db_instance.main: failed creating after 1 min 7 s',
    ]);
  });
});

const lockDetail = `Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        7d1c6a5e-1111-2222-3333-444455556666
  Path:      bucket/shop/dev/terraform.tfstate
  Operation: OperationTypeApply
  Who:       runner@fv-az1
  Version:   1.11.4
  Created:   2026-11-22 20:00:00.123456789 +0000 UTC
  Info:      

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.`;

describe('a held lock', () => {
  it('is read from the Lock Info block', () => {
    expect(parseLockInfo(lockDetail)).toEqual({
      id: '7d1c6a5e-1111-2222-3333-444455556666',
      operation: 'OperationTypeApply',
      who: 'runner@fv-az1',
      version: '1.11.4',
      created: new Date('2026-11-22T20:00:00Z'),
    });
  });

  it.each([
    ['no block', 'the bucket is not there'],
    ['a block without id', 'Lock Info:\n  Who: a'],
  ])('is not seen in %s', (_name, detail) => {
    expect(parseLockInfo(detail)).toBeUndefined();
  });

  it('is told with owner, age, operation, id and how to release it', () => {
    const diagnostic = {
      severity: 'error' as const,
      summary: 'Error acquiring the state lock',
      detail: lockDetail,
    };
    expect(isLockFailure(diagnostic)).toBe(true);
    const backend = { bucket: 'b', lockTable: 'locks', stateKey: 'k', created: [] };
    const failure = lockFailure(diagnostic, backend, 'shop/dev/terraform.tfstate', {
      waited: 120,
      now: new Date('2026-11-22T20:12:05Z'),
      region: 'eu-north-1',
    });
    expect(failure.reason).toBe('state-locked');
    expect(failure.message).toContain('locked by runner@fv-az1, for 12 min 5 s, for apply');
    expect(failure.next).toContain('force-unlock 7d1c6a5e-1111-2222-3333-444455556666');
    expect(failure.next).toContain('-backend-config=dynamodb_table=locks');
    expect(failure.evidence.map(({ text }) => text)).toContain('2 min');
  });

  it('is not confused with a lock that can not be written', () => {
    expect(
      isLockFailure({ severity: 'error', summary: 'Error acquiring the state lock', detail: 'AccessDenied' }),
    ).toBe(false);
  });
});

describe('diagnostics', () => {
  it('are shown address first and whole', () => {
    const text = formatDiagnostic({
      severity: 'error',
      summary: 'creating IAM Role',
      detail: 'AccessDenied: not authorized\nsecond line',
      address: 'aws_iam_role.instance',
      range: { filename: 'service.tf', start: { line: 12 } },
      snippet: { code: 'resource "aws_iam_role" "instance" {' },
    });
    expect(text.split('\n')).toEqual([
      'aws_iam_role.instance (service.tf:12): creating IAM Role',
      '  AccessDenied: not authorized',
      '  second line',
      '  in: resource "aws_iam_role" "instance" {',
    ]);
    expect(
      formatDiagnostic({
        severity: 'error',
        summary: 'Invalid',
        range: { filename: 'a.tf', start: { line: 1 } },
      }),
    ).toBe('a.tf:1: Invalid');
  });

  it('are not repeated, and our own lock table is not complained about', () => {
    const noise = {
      severity: 'warning' as const,
      summary: 'Deprecated Parameter',
      detail: 'The parameter "dynamodb_table" is deprecated.',
    };
    const error = { severity: 'error' as const, summary: 'x' };
    const events = [noise, error, error].map((diagnostic) => ({
      type: 'diagnostic',
      '@message': '',
      diagnostic,
    }));
    expect(diagnosticsOf(events)).toEqual({ errors: [error], warnings: [] });
  });

  it('are read from what a person would see', () => {
    const text = [
      '╷',
      '│ Warning: Deprecated',
      '│ ',
      '│ old',
      '╵',
      '',
      'Error: Failed',
      '',
      'line one',
      'line two',
      '',
    ].join('\n');
    expect(parsePlainDiagnostics(text)).toEqual([
      { severity: 'warning', summary: 'Deprecated', detail: 'old' },
      { severity: 'error', summary: 'Failed', detail: 'line one\nline two' },
    ]);
  });

  it.each([
    ['Error: Failed to query available provider packages\n\nCould not retrieve', 'terraform-unavailable'],
    ['Error: Error refreshing state: Unable to access object in S3 bucket', 'backend'],
    ['Error: Unsupported block type', 'terraform-plan'],
  ])('of init: %s', (text, reason) => {
    expect(classifyInit(text).reason).toBe(reason);
  });
});

describe('classifyWork', () => {
  it.each([
    ['api error ExpiredToken: The security token included in the request is expired', 'credentials'],
    ['api error ExpiredTokenException: The security token included in the request is expired', 'credentials'],
    ['api error RequestExpired: Request has expired.', 'credentials'],
    ['api error LimitExceeded: you have 500 groups already', 'terraform-apply'],
    ['the variable expired_token_days is not declared', 'terraform-apply'],
  ])('%s', (detail, reason) => {
    const errors = [{ severity: 'error' as const, summary: 'creating Auto Scaling Group', detail }];
    expect(classifyWork(errors, { reason: 'terraform-apply', next: '' }).reason).toBe(reason);
  });
});

describe('selectTerraform', () => {
  const terraform = (version?: string): Candidate => ({ flavour: 'terraform', binary: '/t', version });
  const tofu = (version?: string): Candidate => ({ flavour: 'tofu', binary: '/o', version });
  it.each<[string, Candidate[], string | undefined]>([
    ['nothing', [], undefined],
    ['a good terraform', [terraform('1.11.0')], 'terraform'],
    ['an old terraform', [terraform('1.10.5')], undefined],
    ['an old terraform and a good tofu', [terraform('1.5.7'), tofu('1.11.1')], 'tofu'],
    ['both good', [tofu('1.12.0'), terraform('1.13.0')], 'terraform'],
    ['an old tofu', [tofu('1.10.0')], undefined],
    ['a release candidate of the first', [terraform('1.11.0-rc1')], undefined],
    ['one that does not answer', [terraform(undefined)], undefined],
  ])('%s', (_name, candidates, flavour) => {
    expect(selectTerraform(candidates)?.flavour).toBe(flavour);
    if (flavour === undefined) expect(whyNot(candidates)).not.toBe('');
  });

  it('reads the version through a wrapper that adds lines', () => {
    expect(
      parseVersion('[command]/x/terraform-bin version -json\n{\n  "terraform_version": "1.11.4"\n}\n'),
    ).toBe('1.11.4');
    expect(parseVersion('Terraform v1.11.4')).toBeUndefined();
  });
});

describe('a release', () => {
  it('is where the public server and every mirror keep it', () => {
    const machine = { platform: 'darwin', arch: 'arm64' };
    expect(releaseFiles('1.11.4', 'https://mirror.example/tf/', machine)).toEqual({
      archive: 'terraform_1.11.4_darwin_arm64.zip',
      archiveUrl: 'https://mirror.example/tf/terraform/1.11.4/terraform_1.11.4_darwin_arm64.zip',
      checksumsUrl: 'https://mirror.example/tf/terraform/1.11.4/terraform_1.11.4_SHA256SUMS',
    });
  });

  it.each([
    ['listed', `${'a'.repeat(64)}  x.zip\n${'b'.repeat(64)}  y.zip\n`, 'b'.repeat(64)],
    ['marked as binary', `${'C'.repeat(64)} *y.zip\n`, 'c'.repeat(64)],
    ['not listed', `${'a'.repeat(64)}  x.zip\n`, undefined],
    ['no sum at all', 'Not Found  y.zip', undefined],
  ])('has a checksum that is %s', (_name, text, expected) => {
    expect(checksumOf(text, 'y.zip')).toBe(expected);
  });
});

describe('the files of a root', () => {
  it('tell variables and backend', () => {
    const text = `
/* variable "no" {} */
terraform { backend "s3" {} }
variable "image" {
  type = string
}
# variable "neither" {}
variable "password" {
  type      = string
  ephemeral = true
}
variable region {}`;
    expect(scanHcl(text)).toEqual({
      variables: ['image', 'password', 'region'],
      ephemeral: ['password'],
      backend: 's3',
    });
  });

  it.each([
    ['terraform {\n  backend "azurerm" {\n', 'azurerm'],
    ['terraform {\n  required_version = ">= 1.11"\n}', undefined],
    ['# backend "s3" {}', undefined],
  ])('%j', (text, backend) => {
    expect(scanHcl(text).backend).toBe(backend);
  });

  it('say which given variables nobody declared, and what may have been meant', () => {
    expect(undeclared(['instance_tpye', 'image', 'zzz'], ['instance_type', 'image'])).toEqual([
      { name: 'instance_tpye', meant: 'instance_type' },
      { name: 'zzz', meant: undefined },
    ]);
  });
});

describe('the contract', () => {
  const outputs = {
    autoscaling_group_name: 'shop-dev',
    launch_template_id: 'lt-0abc',
    launch_template_version: 7,
    target_group_arns: ['arn:aws:elasticloadbalancing:x'],
    url: 'http://x',
    repository_url: '1.dkr.ecr/shop',
    alarm_names: [],
    extra: { any: 'thing' },
  };

  it('is read with its types, and the rest kept', () => {
    expect(readContract(outputs, '')).toMatchObject({
      autoscalingGroupName: 'shop-dev',
      launchTemplateVersion: 7,
      all: outputs,
    });
    expect(readContract({ ...outputs, launch_template_version: '12' }, '').launchTemplateVersion).toBe(12);
  });

  it.each([
    ['launch_template_version', '$Latest'],
    ['launch_template_version', 0],
    ['launch_template_id', 'shop'],
    ['target_group_arns', 'arn:one'],
    ['alarm_names', [1]],
    ['url', ''],
    ['autoscaling_group_name', null],
  ])('refuses %s = %j by name and type', (name, value) => {
    expect(() => readContract({ ...outputs, [name]: value }, '')).toThrow(
      expect.objectContaining({ reason: 'terraform-contract', message: expect.stringContaining(name) }),
    );
  });

  it('says of an empty value that it must not be empty', () => {
    expect(() => readContract({ ...outputs, url: '' }, 'Nothing.')).toThrow(
      `gives outputs that the action can't use: url is "" and must be a string, not empty`,
    );
  });

  it('names what is missing, with its type', () => {
    expect(missingOutputs(['url', 'alarm_names'])).toHaveLength(5);
    expect(() => readContract({ url: 'x' }, '')).toThrow(/6 outputs .*launch_template_version \(number/);
    expect(outputsMissing(['url'], '').message).toContain(
      'an output that the action needs: url (string, not empty)',
    );
  });
});
