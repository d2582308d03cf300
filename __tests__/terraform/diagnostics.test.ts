import { describe, expect, it } from '@jest/globals';
import {
  diagnosticsOf,
  formatDiagnostic,
  parsePlainDiagnostics,
  placeOf,
} from '../../src/terraform/diagnostics.ts';
import { classifyInit } from '../../src/terraform/failures.ts';

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

describe('the place of a diagnostic', () => {
  const at = (filename: string) => ({
    ...{ severity: 'error' as const, summary: 'x' },
    range: { filename, start: { line: 12 } },
  });

  it.each<[string, Parameters<typeof placeOf>[0], string | undefined]>([
    ['is a line of the root', at('service.tf'), '/w/infra/service.tf'],
    ['is a line of a module in it', at('modules/a/main.tf'), '/w/infra/modules/a/main.tf'],
    ['is none where the module was downloaded', at('.terraform/modules/vpc/main.tf'), undefined],
    ['is none where a variable is wrong', at('<value for var.image>'), undefined],
    ['is none where the file is the action’s', at('/tmp/asg-deploy/asg-deploy.tfvars.json'), undefined],
    ['is none where the file is beside the root', at('../shared/main.tf'), undefined],
    [
      'is what a plain text names',
      { severity: 'error', summary: 'x', detail: '\n  on service.tf line 12, in resource "a" "b":' },
      '/w/infra/service.tf',
    ],
    ['is none where nothing names one', { severity: 'error', summary: 'x' }, undefined],
  ])('%s', (_what, diagnostic, file) => {
    expect(placeOf(diagnostic, '/w/infra')).toEqual(file === undefined ? undefined : { file, line: 12 });
    expect(placeOf(diagnostic, undefined)).toBeUndefined();
  });
});
