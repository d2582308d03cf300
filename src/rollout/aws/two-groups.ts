import {
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeScheduledActionsCommand,
  UpdateAutoScalingGroupCommand,
  type AutoScalingClient,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeRulesCommand,
  ModifyRuleCommand,
  type Action,
  type ElasticLoadBalancingV2Client,
  type Rule,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isAwsError } from '../../core/index.ts';
import type { ForwardRuleObservation } from '../model/index.ts';
import type { RolloutApi } from './api.ts';
import { markText, rolloutTag } from './convert.ts';

interface Clients {
  autoScaling: AutoScalingClient;
  loadBalancing: ElasticLoadBalancingV2Client;
}

type Reads = 'forwardRule' | 'previewKey' | 'scheduledActions';
type Actions = 'setForwardWeights' | 'setPreview' | 'setRolloutTo' | 'setSizes';

/** What a rollout from one group to another asks and tells AWS. */
export function twoGroups(clients: () => Clients): Pick<RolloutApi, Reads | Actions> {
  return { ...readsOf(clients), ...actionsOf(clients) };
}

function readsOf(clients: () => Clients): Pick<RolloutApi, Reads> {
  return {
    async forwardRule(ruleArn) {
      return ruleOf((await readRule(clients(), ruleArn))?.Actions);
    },
    async previewKey(ruleArn) {
      return keyOf((await readRule(clients(), ruleArn))?.Conditions);
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

function actionsOf(clients: () => Clients): Pick<RolloutApi, Actions> {
  return {
    async setForwardWeights(ruleArn, weights) {
      const actions = (await readRule(clients(), ruleArn))?.Actions ?? [];
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
    async setRolloutTo(group, mark) {
      const tag = { ResourceId: group, ResourceType: 'auto-scaling-group', Key: rolloutTag };
      await clients().autoScaling.send(
        mark === undefined
          ? new DeleteTagsCommand({ Tags: [tag] })
          : new CreateOrUpdateTagsCommand({
              Tags: [{ ...tag, Value: markText(mark), PropagateAtLaunch: false }],
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
  };
}

async function readRule({ loadBalancing }: Clients, ruleArn: string): Promise<Rule | undefined> {
  try {
    const { Rules = [] } = await loadBalancing.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
    return Rules.find(({ RuleArn }) => RuleArn === ruleArn);
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

/** The one value of a header that a rule asks for, where it asks for nothing else. Pure. */
export function keyOf(conditions: readonly RuleCondition[] = []): string | undefined {
  const [only, ...others] = conditions;
  return others.length === 0 ? only?.HttpHeaderConfig?.Values?.[0] : undefined;
}

/** The same actions with other weights; what comes before the forward (a login, say) stays. Pure. */
export function withWeights(actions: readonly Action[], weights: Readonly<Record<string, number>>): Action[] {
  return actions.map((action) => {
    if (action.Type === 'authenticate-oidc') return withItsSecret(action);
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

/** AWS does not tell the client's secret: it has to be told to keep it (ELBv2 API, AuthenticateOidcActionConfig). */
function withItsSecret({ AuthenticateOidcConfig: login, ...action }: Action): Action {
  if (login === undefined) return action;
  return {
    ...action,
    AuthenticateOidcConfig: { ...login, ClientSecret: undefined, UseExistingClientSecret: true },
  };
}
