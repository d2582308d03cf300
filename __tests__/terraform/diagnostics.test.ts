import { describe, expect, it } from '@jest/globals';
import { diagnosticsOf, formatDiagnostic, parsePlainDiagnostics } from '../../src/terraform/diagnostics.ts';
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
