import { describe, expect, it } from '@jest/globals';
import type { DeployError } from '../../src/core/errors.ts';
import { readContract, requireContract } from '../../src/terraform/contract.ts';
import type { Outputs } from '../../src/terraform/outputs.ts';

const arn = 'arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop/0123456789abcdef';
const values: Record<string, unknown> = {
  autoscaling_group_name: 'shop-dev',
  launch_template_id: 'lt-0123456789abcdef0',
  launch_template_version: 7,
  target_group_arns: [arn],
  url: 'http://shop.example',
  repository_url: '123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop',
  alarm_names: [],
  extra: { any: 'thing' },
};

const outputs = (change: Record<string, unknown> = {}): Outputs =>
  Object.fromEntries(Object.entries({ ...values, ...change }).map(([name, value]) => [name, { value }]));

const ruleArn = (name: string): string =>
  `arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/shop/0123/4567/${name}`;
const group = (name: string, target_group_arn: string) => ({
  autoscaling_group_name: name,
  target_group_arn,
});
const blueGreen = (): Record<string, unknown> => ({
  listener_rule_arn: ruleArn('main'),
  preview_rule_arn: ruleArn('preview'),
  preview_header: 'X-Preview-Key',
  groups: [group('shop-dev', arn), group('shop-dev-green', `${arn}0`)],
  capacity: { min: 2, max: 4 },
});

function failureOf(given: Outputs): DeployError {
  try {
    requireContract(given, 'Nothing was touched.');
  } catch (error) {
    return error as DeployError;
  }
  throw new Error('nothing was thrown');
}

describe('the contract', () => {
  it('is read with its types, and the rest kept but for what is sensitive', () => {
    const given = { ...outputs({ target_group_arns: [arn, arn] }), password: { sensitive: true } };
    expect(readContract(given, '')).toMatchObject({
      autoscalingGroupName: 'shop-dev',
      launchTemplateVersion: 7,
      targetGroupArns: [arn],
      all: { ...values, target_group_arns: [arn, arn] },
    });
    expect(readContract(given, '').all).not.toHaveProperty('password');
  });

  it('is read with the two groups of a root that has them', () => {
    expect(readContract(outputs({ blue_green: blueGreen() }), '').blueGreen).toEqual({
      listenerRuleArn: ruleArn('main'),
      previewRuleArn: ruleArn('preview'),
      previewHeader: 'X-Preview-Key',
      groups: [
        { autoscalingGroupName: 'shop-dev', targetGroupArn: arn },
        { autoscalingGroupName: 'shop-dev-green', targetGroupArn: `${arn}0` },
      ],
      capacity: { min: 2, max: 4 },
    });
  });

  it.each([{ blue_green: null }, {}])('has one group where a root gives %j', (given) => {
    expect(readContract(outputs(given), '').blueGreen).toBeUndefined();
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ listener_rule_arn: arn }, /whose listener_rule_arn is not right, which is no ARN of a rule/],
    [{ preview_rule_arn: '' }, /whose preview_rule_arn is not right, which is empty/],
    [{ preview_header: 'X Preview' }, /which is no name that a header can have/],
    [{ preview_header: undefined }, /whose preview_header is not right, which is null and no string/],
    [{ groups: [group('shop-dev', arn)] }, /which is no list of two groups/],
    [{ groups: [group('shop-dev', arn), group('shop-dev', `${arn}0`)] }, /name the same group twice/],
    [{ groups: [group('shop-dev', arn), group('green', arn)] }, /name the same group twice/],
    [{ groups: [group('shop-dev', arn), {}] }, /whose second element is not right: which has no autoscaling/],
    [{ groups: [group('shop-dev', 'tg'), group('green', arn)] }, /whose first element .* no ARN of a target/],
    [{ capacity: { min: 3, max: 2 } }, /whose capacity is not right, whose min is above its max/],
    [{ capacity: { min: 1.5, max: 2 } }, /whose min is not right, which is no whole number from 0/],
    [{ capacity: { max: 2 } }, /whose capacity is not right, which has no min/],
  ])('refuses blue_green with %j', (change, said) => {
    const failure = failureOf(outputs({ blue_green: { ...blueGreen(), ...change } }));
    expect(failure.message).toMatch(said);
  });

  it.each<[string, unknown]>([
    ['launch_template_version', '12'],
    ['target_group_arns', []],
    ['target_group_arns', [arn.replace('arn:aws:', 'arn:aws-cn:'), arn]],
    ['url', 'https://shop.example.com/'],
    ['url', 'https://example.com/shop'],
    ['url', 'HTTP://127.0.0.1:8080'],
    ['url', 'http://[2001:db8::1]:8080'],
    ['url', 'https://bücher.example'],
    ['repository_url', 'localhost:5000/shop'],
    ['repository_url', 'docker.io/library/nginx'],
    ['repository_url', 'nginx'],
    ['alarm_names', ['shop prod: errors']],
    ['autoscaling_group_name', 'shop/prod (blue)'],
  ])('takes %s = %j', (name, value) => {
    expect(() => requireContract(outputs({ [name]: value }), '')).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['autoscaling_group_name', null, 'is null'],
    ['autoscaling_group_name', '', 'which is empty'],
    ['autoscaling_group_name', 'arn:aws:autoscaling:eu-north-1:123456789012:x', 'which is an ARN'],
    ['autoscaling_group_name', 'a'.repeat(256), 'which is no name'],
    ['autoscaling_group_name', ['shop'], 'which is a list and no string'],
    ['launch_template_id', 'shop', 'which is no id'],
    ['launch_template_version', '$Latest', 'which names another version tomorrow'],
    ['launch_template_version', 0, 'which is no whole number from 1'],
    ['launch_template_version', 1.5, 'which is no whole number from 1'],
    ['launch_template_version', '7 ', 'which is no whole number from 1'],
    ['launch_template_version', true, 'which is a boolean and no number'],
    ['target_group_arns', arn, 'which is a string and no list'],
    ['target_group_arns', { blue: arn }, 'which is a map and no list'],
    ['target_group_arns', [arn, null], 'whose element null is not right: which is null'],
    ['target_group_arns', ['shop'], 'it is no ARN of a target group'],
    ['target_group_arns', [arn.replace('targetgroup', 'loadbalancer/app')], 'the ARN of something else'],
    [
      'target_group_arns',
      ['arn:aws:vpc-lattice:eu-north-1:123456789012:targetgroup/tg-1'],
      'it belongs to VPC Lattice',
    ],
    ['url', '', 'which is empty'],
    ['url', ' http://shop.example', 'which has blanks around it'],
    ['url', 'shop-1.eu-north-1.elb.amazonaws.com', 'which has no scheme'],
    ['url', 'localhost:3000', 'which has no scheme'],
    ['url', '//shop.example', 'which has no scheme'],
    ['url', 'http:/shop.example', 'which has no scheme'],
    ['url', 'ftp://shop.example', 'which is neither http nor https'],
    ['url', 'https://shop.example/a b', 'which has blanks in it'],
    ['url', 'https://shop\n.example', 'which has blanks in it'],
    ['url', 'https://', 'which is no address'],
    ['url', 'https:///shop.example', 'which is no address'],
    ['url', 'https://shop.example:99999', 'which is no address'],
    ['url', 'https://*.shop.example', 'which names no host'],
    ['url', 'https://${aws_lb.main.dns_name}', 'which names no host'],
    ['url', ['https://shop.example'], 'which is a list and no string'],
    ['repository_url', 'https://registry.example/shop', 'which has a scheme'],
    ['repository_url', 'registry.example/shop:latest', 'which has a tag'],
    ['repository_url', `registry.example/shop@sha256:${'0'.repeat(64)}`, 'which has a digest'],
    ['repository_url', 'registry.example//shop', 'which is no repository'],
    ['alarm_names', 'errors', 'which is a string and no list'],
    ['alarm_names', [1], 'which is a number and no string'],
    ['alarm_names', ['arn:aws:cloudwatch:eu-north-1:123456789012:alarm:errors'], 'it is an ARN'],
  ])('refuses %s = %j: %s', (name, value, why) => {
    const { reason, message, evidence, left } = failureOf(outputs({ [name]: value }));
    expect({ reason, left }).toEqual({ reason: 'terraform-contract', left: 'Nothing was touched.' });
    expect(message).toContain(`output ${name} that the action needs: it is `);
    expect(message).toContain(why);
    expect(evidence).toEqual([{ label: name, text: expect.stringContaining(`output "${name}" {`) }]);
  });

  it('names all that is missing, sensitive or wrong at once', () => {
    const given = { ...outputs({ launch_template_version: '$Default' }), alarm_names: { sensitive: true } };
    const { message, evidence } = failureOf(
      Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'url')),
    );
    expect(message).toMatch(
      /does not give 3 outputs .*launch_template_version is "\$Default", .*; url is missing; alarm_names is sensitive/,
    );
    expect(evidence).toHaveLength(3);
  });

  it('shows no password of an address', () => {
    const { message } = failureOf(outputs({ url: 'https://shop:hunter@2@shop.example' }));
    expect(message).toContain('"https://***@shop.example", which has a user or a password in it');
    expect(message).not.toMatch(/hunter|2@/);
  });

  it('does not judge what a plan does not know yet', () => {
    expect(() => requireContract({ ...outputs(), url: {}, launch_template_version: {} }, '')).not.toThrow();
  });
});
