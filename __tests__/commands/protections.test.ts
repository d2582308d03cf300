import { describe, expect, it } from '@jest/globals';
import type { PlanReview } from '../../src/terraform/plan-review.ts';
import type { PlannedResource } from '../../src/terraform/index.ts';
import { runMain, shop } from '../support/run-main.ts';

const balancer = (enabled: boolean) => ({
  address: 'module.service.aws_lb.main[0]',
  type: 'aws_lb',
  before: { arn: 'arn:lb', enable_deletion_protection: enabled },
});

describe('a deployment whose plan destroys a load balancer', () => {
  it('is refused while its deletion protection is on: its listeners would be gone by then', async () => {
    const run = await runMain(shop, {}, false, { destroyed: [balancer(true)] });
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'preflight' });
    expect(run.story).not.toContain('apply');
    const text = run.told.join('\n');
    expect(text).toMatch(
      /AWS would refuse to delete module\.service\.aws_lb\.main\[0\] \(deletion protection is on\): the apply would stop halfway/,
    );
    expect(text).toMatch(
      /aws elbv2 modify-load-balancer-attributes --load-balancer-arn arn:lb --attributes Key=deletion_protection\.enabled,Value=false/,
    );
    expect(text).toContain('The plan was not applied: infrastructure and instances are as they were.');
  });

  it('is shown by plan', async () => {
    const run = await runMain({ ...shop, command: 'plan' }, {}, false, { destroyed: [balancer(true)] });
    expect(run.told.join('\n')).toMatch(/and deploy would refuse that \(1 finding\)/);
    expect(run.summary).toMatch(/AWS would refuse to delete it \(deletion protection is on\)/);
  });

  it('is told first what nobody asked for', async () => {
    const refused = [{ address: 'aws_lb.main', why: 'nobody reaches the service' }];
    const review = { refused } as unknown as PlanReview;
    const run = await runMain(shop, {}, false, { destroyed: [balancer(true)], review });
    expect(run.outputs['failure-reason']).toBe('plan-refused');
  });

  it('goes on where it is off', async () => {
    const run = await runMain(shop, {}, false, { destroyed: [balancer(false)] });
    expect(run.story).toContain('apply');
  });
});

describe('a deployment whose plan destroys a bucket, as allow-destroy says', () => {
  const bucket = (forced: boolean) => ({
    address: 'aws_s3_bucket.reports',
    type: 'aws_s3_bucket',
    before: { bucket: 'reports', force_destroy: forced },
  });
  const object = { address: 'aws_s3_object.one', type: 'aws_s3_object', before: { bucket: 'reports' } };
  const deploy = (destroyed: PlannedResource[], command = 'deploy') =>
    runMain({ ...shop, command }, {}, false, { destroyed, full: ['reports'] });

  it('is refused while it holds objects: S3 would keep it, and the apply would stop there', async () => {
    const run = await deploy([bucket(false)]);
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'preflight' });
    expect(run.story).not.toContain('apply');
    const text = run.told.join('\n');
    expect(text).toMatch(
      /AWS would refuse to delete aws_s3_bucket\.reports \(it holds objects, and force_destroy is off\)/,
    );
    expect(text).toContain('aws s3 rm s3://reports --recursive');
  });

  it('is shown by plan', async () => {
    const run = await deploy([bucket(false)], 'plan');
    expect(run.told.join('\n')).toMatch(/and deploy would refuse that \(1 finding\)/);
  });

  it.each([
    ['Terraform may empty it', [bucket(true)]],
    ['Terraform deletes its objects too', [bucket(false), object]],
  ])('goes on where %s', async (_, destroyed) => {
    expect((await deploy(destroyed)).story).toContain('apply');
  });
});
