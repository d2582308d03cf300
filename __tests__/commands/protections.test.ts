import { describe, expect, it } from '@jest/globals';
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
      /AWS would refuse to delete module\.service\.aws_lb\.main\[0\] \(deletion protection is on\): what goes before it would be gone/,
    );
    expect(text).toMatch(
      /aws elbv2 modify-load-balancer-attributes --load-balancer-arn arn:lb --attributes Key=deletion_protection\.enabled,Value=false/,
    );
    expect(text).toContain('The plan was not applied: infrastructure and instances are as they were.');
  });

  it('goes on where it is off', async () => {
    const run = await runMain(shop, {}, false, { destroyed: [balancer(false)] });
    expect(run.story).toContain('apply');
  });
});
