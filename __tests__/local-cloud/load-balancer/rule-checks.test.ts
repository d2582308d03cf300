import { describe, expect, it } from '@jest/globals';
import type { ApiCall, ApiError } from '../../../local-cloud/gateway/index.ts';
import type { Configuration } from '../../../local-cloud/load-balancer/configuration.ts';
import { ruleChecks } from '../../../local-cloud/load-balancer/rule-checks.ts';
import { configuration, targetGroup } from '../helpers/load-balancer.ts';

const LISTENER = 'arn:aws:elasticloadbalancing:eu-north-1:1:listener/app/one/01/02';
const RULE = 'arn:aws:elasticloadbalancing:eu-north-1:1:listener-rule/app/one/01/02/03';

/** `one` in vpc-1 has the listener; `two` forwards to tg/taken. */
function world(): Configuration {
  const groups = ['tg/1', 'tg/2', 'tg/3', 'tg/4', 'tg/5', 'tg/6'].map((arn) =>
    targetGroup({ arn, vpcId: 'vpc-1' }),
  );
  const [one] = configuration(groups.slice(0, 2)).loadBalancers;
  const taken = targetGroup({ arn: 'tg/taken', vpcId: 'vpc-1' });
  const [two] = configuration([taken]).loadBalancers;
  if (one === undefined || two === undefined) throw new Error('no load balancer');
  return {
    targetGroups: [...groups, taken, targetGroup({ arn: 'tg/far', vpcId: 'vpc-2' })],
    loadBalancers: [
      {
        ...one,
        vpcId: 'vpc-1',
        listeners: one.listeners.map((listener) => ({ ...listener, arn: LISTENER })),
      },
      { ...two, arn: 'arn:lb/two', vpcId: 'vpc-1' },
    ],
  };
}

function refusal(parameters: Record<string, unknown>): string | undefined {
  try {
    ruleChecks(world).check({ operation: 'ModifyRule', parameters } as unknown as ApiCall);
    return undefined;
  } catch (error) {
    const { code, message } = error as ApiError;
    return `${code}: ${message}`;
  }
}

const weighted = (...groups: [arn: string, weight?: string][]) => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: groups.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, ...(Weight && { Weight }) })),
  },
});

const sticky = (TargetGroupStickinessConfig: object) => ({
  Type: 'forward',
  ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'tg/1' }], TargetGroupStickinessConfig },
});

const six = ['tg/1', 'tg/2', 'tg/3', 'tg/4', 'tg/5', 'tg/6'] as const;

describe('a forward action', () => {
  it.each<[string, object]>([
    ['to one target group', { Type: 'forward', TargetGroupArn: 'tg/1' }],
    ['in both forms', { ...weighted(['tg/1']), TargetGroupArn: 'tg/1' }],
    ['with the least and the greatest weight', weighted(['tg/1', '0'], ['tg/2', '999'])],
    ['with weights of 0 alone', weighted(['tg/1', '0'], ['tg/2', '0'])],
    ['to five target groups', weighted(...six.slice(0, 5).map((arn): [string] => [arn]))],
    ['that is not sticky', sticky({ Enabled: 'false' })],
    ['that is sticky for a week', sticky({ Enabled: 'true', DurationSeconds: '604800' })],
    ['that is none', { Type: 'fixed-response' }],
  ])('%s is taken', (_, action) => {
    expect(refusal({ RuleArn: RULE, Actions: [action] })).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['to nothing', { Type: 'forward' }, 'ValidationError: A target group must be specified'],
    [
      'that says two things',
      { ...weighted(['tg/1'], ['tg/2']), TargetGroupArn: 'tg/1' },
      'ValidationError: The target group of a forward action must be the one',
    ],
    ['that is too heavy', weighted(['tg/1', '1000']), "ValidationError: The weight '1000'"],
    ['that is lighter than nothing', weighted(['tg/1', '-1']), "ValidationError: The weight '-1'"],
    [
      'to six target groups',
      weighted(...six.map((arn): [string] => [arn])),
      "ValidationError: A forward action cannot have more than '5'",
    ],
    [
      'to one of them twice',
      weighted(['tg/1'], ['tg/1']),
      "ValidationError: Target group 'tg/1' is specified more",
    ],
    [
      'that is sticky for ever',
      sticky({ Enabled: 'true', DurationSeconds: '604801' }),
      'ValidationError: The duration',
    ],
    ['that is sticky for it says not how long', sticky({ Enabled: 'true' }), 'ValidationError: The duration'],
    [
      'to another VPC',
      weighted(['tg/1'], ['tg/far']),
      "InvalidConfigurationRequest: Target group 'tg/far' is in a different VPC than load balancer 'arn:lb/one'",
    ],
    [
      'to a target group of another load balancer',
      weighted(['tg/1'], ['tg/taken']),
      'TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: tg/taken',
    ],
  ])('%s is refused', (_, action, expected) => {
    expect(refusal({ RuleArn: RULE, Actions: [action] })).toContain(expected);
    expect(refusal({ ListenerArn: LISTENER, DefaultActions: [action] })).toContain(expected);
    expect(refusal({ LoadBalancerArn: 'arn:lb/one', DefaultActions: [action] })).toContain(expected);
  });
});

describe('a condition on the source', () => {
  it.each([
    ['192.0.2.1/32', true],
    ['0.0.0.0/0', true],
    ['2001:db8::/64', true],
    ['192.0.2.1', false],
    ['192.0.2.1/33', false],
    ['here/8', false],
    ['2001:db8::/129', false],
  ])('%s: %s', (block, taken) => {
    const Conditions = [{ Field: 'source-ip', SourceIpConfig: { Values: [block] } }];
    expect(refusal({ RuleArn: RULE, Conditions }) === undefined).toBe(taken);
  });
});
