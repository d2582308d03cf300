import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { failureOf } from '../../src/report/failure.ts';
import { newRecord } from '../../src/report/record.ts';
import { asked, failure, image } from './fixtures.ts';

describe('failureOf', () => {
  it.each<[unknown, string, RegExp]>([
    [failure, 'boot-failed', /does not start/],
    [Object.assign(new Error('no'), { name: 'AccessDeniedException' }), 'credentials', /may not do/],
    [new TypeError('x is not a function'), 'internal', /in rollout that this action did not expect/],
    ['a text', 'internal', /did not expect/],
    [
      Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        path: '/tmp/plan',
      }),
      'internal',
      /^the disk of this runner is full: \/tmp\/plan can't be written$/,
    ],
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

  it('never says that no instance was touched where this run’s apply did it', () => {
    const groups = ['aws_autoscaling_group.main'];
    const refused = new DeployError({
      reason: 'preflight',
      message: 'x',
      left: 'no instance of shop was touched',
    });
    const touched =
      "This run's Terraform apply changed aws_autoscaling_group.main, which starts or ends instances by itself.";
    expect(failureOf(refused, newRecord({ ...asked, applied: true, groups })).left).toBe(
      `no instance of shop was touched by the rollout. ${touched}`,
    );
    const began = newRecord({ ...asked, phase: 'infrastructure', groups });
    expect(failureOf(new Error('x'), began).left).toMatch(/with aws_autoscaling_group.main the instances/);
    // What was refused was not applied.
    expect(failureOf(refused, newRecord({ ...asked, groups })).left).toBe('no instance of shop was touched');
    expect(failureOf(refused, newRecord({ ...asked, applied: true })).left).toBe(
      'no instance of shop was touched',
    );
  });

  describe('where IAM said no', () => {
    const said =
      'AccessDenied: User: arn:aws:sts::123456789012:assumed-role/shop-dev-deploy/x is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::states/shop" because no identity-based policy allows the s3:PutObject action';
    const denied = { message: 'x', evidence: [{ label: 'Terraform said', text: said }] };
    const advice = /^give role shop-dev-deploy this statement: .*s3:PutObject.*\. Then /;

    it('gives the statement that is missing, before what else is to be done', () => {
      const known = {
        left: 'The state is kept in /tmp/x.',
        next: 'push it, and only then run this job again',
      };
      const told = failureOf(
        new DeployError({ reason: 'terraform-apply', ...denied, ...known }),
        newRecord(),
      );
      expect(told.left).toBe(known.left);
      expect(told.next).toMatch(advice);
      expect(told.next).toMatch(/Then push it, and only then run this job again$/);
    });

    it.each([
      ['a rollout', 'the application may have been told no as well', 'boot-failed'],
      ['a registry that is closed', 'bootstrap opens it', 'image-missing'],
    ] as const)('leaves %s its own next step: %s', (_name, _why, reason) => {
      const own = { next: 'look at the log' };
      const told = failureOf(new DeployError({ reason, ...denied, ...own }), newRecord());
      expect(told.next).toBe('look at the log');
    });

    it('leaves it to the explanation of roles what is to be done about one that can’t be assumed', () => {
      const text = said.replace('s3:PutObject', 'sts:AssumeRole');
      const refused = {
        reason: 'credentials' as const,
        message: text,
        next: 'let the trust policy allow it',
      };
      expect(failureOf(new DeployError(refused), newRecord()).next).toBe(refused.next);
    });
  });
});
