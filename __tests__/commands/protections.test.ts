import { describe, expect, it } from '@jest/globals';
import type { PlanReview } from '../../src/terraform/plan-review.ts';
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
