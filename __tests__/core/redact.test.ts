import { describe, expect, it } from '@jest/globals';
import { mask } from '../../src/core/redact.ts';
import { bootMarker, exitCode } from '../../src/rollout/model/boot-marker.ts';
import { failedBoot } from '../rollout/helpers/observations.ts';

describe('mask', () => {
  it.each([
    ['DATABASE_URL=postgres://shop:s3cr3t@db.internal:5432/shop', 's3cr3t'],
    ['connecting to postgres://shop:p@ss:w0rd@db/shop', 'p@ss:w0rd'],
    ['redis://:hunter2@cache:6379', 'hunter2'],
    ['PGPASSWORD=hunter2 psql', 'hunter2'],
    ['password: hunter2', 'hunter2'],
    ['{"dbPassword": "hunt \\"er2", "user": "shop"}', 'er2'],
    ["{'api_key': 'abc123def'}", 'abc123def'],
    ['--password hunter2', 'hunter2'],
    ['--token=hunter2', 'hunter2'],
    ['Authorization: Bearer abcdef0123456789', 'abcdef0123456789'],
    ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalrXUtnFEMI'],
    ['using key AKIAIOSFODNN7EXAMPLE now', 'AKIAIOSFODNN7EXAMPLE'],
    ['ASIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl', 'c2lnbmF0dXJl'],
    ['https://bucket/x?X-Amz-Security-Token=abc123&X-Amz-Signature=def456', 'def456'],
    ['cloned with ghp_0123456789abcdef0123456789abcdef0123', 'ghp_0123456789'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKC\n-----END RSA PRIVATE KEY-----', 'MIIEpAIBAAKC'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKC (cut off', 'MIIEpAIBAAKC'],
    ['sessionToken = "abc def"', 'abc def'],
  ])('hides the secret of %s', (text, secret) => {
    expect(mask(text)).not.toContain(secret);
    expect(mask(text)).toContain('***');
  });

  it.each([
    'Error: DATABASE_URL is not set',
    'listening on http://0.0.0.0:8080/healthz',
    'connect ECONNREFUSED 10.0.1.7:5432',
    'Target.ResponseCodeMismatch: Health checks failed with these codes: [503]',
    "Cannot find module './server.js'",
    'Lifecycle Action with token e85e was abandoned',
  ])('leaves %s', (text) => {
    expect(mask(text)).toBe(text);
  });

  it('lets no line speak to the runner, and no colour or control character through', () => {
    expect(mask('::error::owned')).not.toMatch(/^::/);
    expect(mask('fine\n  ::set-output name=x::y')).not.toMatch(/^\s*::/m);
    expect(mask('##[error]owned')).not.toMatch(/^##\[/);
    expect(mask('\u001b[31mred\u001b[0m\r\u0007')).toBe('red');
  });
});

describe('bootMarker', () => {
  it('is undefined while user data has said nothing', () => {
    expect(bootMarker('')).toBeUndefined();
    expect(bootMarker('[    0.000000] Linux version 6.1')).toBeUndefined();
  });

  it('reads step, reason and what the container said, past the prefixes of a console', () => {
    const marker = bootMarker(
      [
        '[   12.1] cloud-init[123]: boot of shop@sha256:1',
        '[   20.1] ASG_DEPLOY_LOG > node server.js',
        '[   20.1] ASG_DEPLOY_LOG Error: DATABASE_URL is not set',
        '[   20.1] ASG_DEPLOY_ANSWER 503 {"status":"starting"}',
        '[   20.2] ASG_DEPLOY_BOOT_FAILED step=run image=shop@sha256:1 instance=i-1 reason=the container ended (exit code 1) instead of staying up',
        '[   21.0] systemd: Stopped something',
      ].join('\r\n'),
    );
    expect(marker).toEqual({
      outcome: 'failed',
      step: 'run',
      details: 'the container ended (exit code 1) instead of staying up',
      lastLines: ['> node server.js', 'Error: DATABASE_URL is not set'],
      logged: true,
      answer: '503 {"status":"starting"}',
      restarts: 0,
    });
    expect(marker && exitCode(marker)).toBe(1);
  });

  it('takes the lines before a marker where no log is marked, and the last marker where there are two', () => {
    const marker = bootMarker(
      'ASG_DEPLOY_BOOT_OK image=a\nError: no space left on device\nASG_DEPLOY_BOOT_FAILED step=pull image=a reason=docker pull: failed',
    );
    expect(marker).toMatchObject({ step: 'pull', details: 'docker pull: failed' });
    expect(marker?.lastLines.at(-1)).toBe('Error: no space left on device');
    expect(bootMarker('ASG_DEPLOY_BOOT_FAILED step=run\nASG_DEPLOY_BOOT_OK image=a')).toMatchObject({
      outcome: 'ok',
    });
  });

  it.each([
    ['exit=137', 137],
    ['exited with code 1', 1],
    ['exit code 2', 2],
    ['exit-code=3', 3],
    ['nothing of the kind', undefined],
  ])('finds the exit code in "%s"', (details, code) => {
    expect(exitCode(failedBoot('run', details))).toBe(code);
  });
});
