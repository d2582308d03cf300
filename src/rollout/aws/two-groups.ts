import {
  DescribeScheduledActionsCommand,
  UpdateAutoScalingGroupCommand,
  type AutoScalingClient,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeRulesCommand,
  ModifyRuleCommand,
  type Action,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isAwsError } from '../../core/index.ts';
import type { ForwardRuleObservation } from '../model/index.ts';
import type { RolloutApi } from './api.ts';

interface Clients {
  autoScaling: AutoScalingClient;
  loadBalancing: ElasticLoadBalancingV2Client;
}

/** What a rollout from one group to another asks and tells AWS. */
export function twoGroups(
  clients: () => Clients,
): Pick<RolloutApi, 'forwardRule' | 'setForwardWeights' | 'setPreview' | 'setSizes' | 'scheduledActions'> {
  return {
    async forwardRule(ruleArn) {
      return ruleOf(await actionsOf(clients(), ruleArn));
    },
    async setForwardWeights(ruleArn, weights) {
      const actions = (await actionsOf(clients(), ruleArn)) ?? [];
      await clients().loadBalancing.send(
        new ModifyRuleCommand({ RuleArn: ruleArn, Actions: withWeights(actions, weights) }),
      );
    },
    async setPreview(ruleArn, { header, value, targetGroupArn }) {
      const only = {
        Field: 'http-header',
        HttpHeaderConfig: { HttpHeaderName: header, Values: [value ?? 'closed'] },
      };
      // An address that nobody has (RFC 5737): whatever a request says, it does not come from there.
      const nobody = { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.1/32'] } };
      await clients().loadBalancing.send(
        new ModifyRuleCommand({
          RuleArn: ruleArn,
          Conditions: value === undefined ? [only, nobody] : [only],
          Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
        }),
      );
    },
    async setSizes(group, { minSize, maxSize, desired, configuration }) {
      await clients().autoScaling.send(
        new UpdateAutoScalingGroupCommand({
          AutoScalingGroupName: group,
          ...(minSize !== undefined && { MinSize: minSize }),
          ...(maxSize !== undefined && { MaxSize: maxSize }),
          ...(desired !== undefined && { DesiredCapacity: desired }),
          ...configuration,
        }),
      );
    },
    async scheduledActions(group) {
      const answer = await clients().autoScaling.send(
        new DescribeScheduledActionsCommand({ AutoScalingGroupName: group, MaxRecords: 100 }),
      );
      return (answer.ScheduledUpdateGroupActions ?? []).map((action) => ({
        name: action.ScheduledActionName ?? '',
        startTime: action.StartTime,
        minSize: action.MinSize,
        maxSize: action.MaxSize,
        desired: action.DesiredCapacity,
      }));
    },
  };
}

async function actionsOf({ loadBalancing }: Clients, ruleArn: string): Promise<Action[] | undefined> {
  try {
    const { Rules = [] } = await loadBalancing.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
    return Rules.find(({ RuleArn }) => RuleArn === ruleArn)?.Actions;
  } catch (error) {
    if (isAwsError(error, 'RuleNotFound', 'RuleNotFoundException')) return undefined;
    throw error;
  }
}

/** The forward action of a rule; one target group alone has all the weight (ELBv2 API, ForwardActionConfig). */
export function ruleOf(actions: readonly Action[] | undefined): ForwardRuleObservation | undefined {
  const forward = actions?.find(({ Type }) => Type === 'forward');
  if (forward === undefined) return undefined;
  const { TargetGroups = [], TargetGroupStickinessConfig } = forward.ForwardConfig ?? {};
  const groups =
    TargetGroups.length > 0 ? TargetGroups : [{ TargetGroupArn: forward.TargetGroupArn, Weight: 1 }];
  return {
    weights: Object.fromEntries(
      groups.map(({ TargetGroupArn = '', Weight }) => [TargetGroupArn, Weight ?? 1]),
    ),
    sticky: TargetGroupStickinessConfig?.Enabled === true,
  };
}

/** The same actions with other weights; what comes before the forward (a login, say) stays. Pure. */
export function withWeights(actions: readonly Action[], weights: Readonly<Record<string, number>>): Action[] {
  return actions.map((action) => {
    if (action.Type !== 'forward') return action;
    return {
      ...action,
      TargetGroupArn: undefined,
      ForwardConfig: {
        ...action.ForwardConfig,
        TargetGroups: Object.entries(weights).map(([arn, Weight]) => ({ TargetGroupArn: arn, Weight })),
      },
    };
  });
}
