/**
 * What AWS refuses in the actions and conditions of listeners and rules, beyond what its model of the API says.
 * Sources: API references of CreateRule, ModifyRule, ForwardActionConfig, TargetGroupTuple and
 * TargetGroupStickinessConfig; quotas of Application Load Balancers. Codes are AWS's; wordings are where they are known,
 * which is of those about VPCs and about other load balancers.
 */
import { isIP } from 'node:net';
import { type ApiCall, ApiError, type CallCheck } from '../gateway/index.ts';
import { type Configuration, forwardedTo, type LoadBalancerConfiguration } from './configuration.ts';

/** "Target groups per action on an Application Load Balancer" */
const GROUPS_PER_ACTION = 5;
const HEAVIEST = 999;
const LONGEST_STICKINESS = 604_800;

interface Tuple {
  TargetGroupArn?: string;
  Weight?: string;
}

interface ForwardAction {
  Type?: string;
  TargetGroupArn?: string;
  ForwardConfig?: {
    TargetGroups?: Tuple[];
    TargetGroupStickinessConfig?: { Enabled?: string; DurationSeconds?: string };
  };
}

const refuse = (message: string): ApiError => new ApiError('ValidationError', message);

const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

function checkForward({ TargetGroupArn, ForwardConfig }: ForwardAction): string[] {
  const tuples = listOf<Tuple>(ForwardConfig?.TargetGroups);
  const arns = tuples.map((tuple) => tuple.TargetGroupArn ?? '');
  if (TargetGroupArn === undefined && arns.length === 0)
    throw refuse('A target group must be specified for a forward action');
  if (TargetGroupArn !== undefined && arns.some((arn) => arn !== TargetGroupArn))
    throw refuse('The target group of a forward action must be the one of its forward configuration');
  if (arns.length > GROUPS_PER_ACTION)
    throw refuse(`A forward action cannot have more than '${GROUPS_PER_ACTION}' target groups`);
  const twice = arns.find((arn, index) => arns.indexOf(arn) !== index);
  if (twice !== undefined) throw refuse(`Target group '${twice}' is specified more than once in an action`);
  for (const { Weight } of tuples)
    if (Weight !== undefined && !(Number(Weight) >= 0 && Number(Weight) <= HEAVIEST))
      throw refuse(`The weight '${Weight}' of a target group must be between '0' and '${HEAVIEST}'`);
  checkStickiness(ForwardConfig?.TargetGroupStickinessConfig);
  return arns.length > 0 ? arns : [TargetGroupArn ?? ''];
}

function checkStickiness(config: { Enabled?: string; DurationSeconds?: string } | undefined): void {
  const { Enabled, DurationSeconds } = config ?? {};
  if (DurationSeconds === undefined && Enabled !== 'true') return;
  const seconds = Number(DurationSeconds);
  if (!(seconds >= 1 && seconds <= LONGEST_STICKINESS))
    throw refuse(
      `The duration of target group stickiness must be between '1' and '${LONGEST_STICKINESS}' seconds`,
    );
}

/** The load balancer that a call is about: named itself, or by its listener, or by a rule of it. */
function balancerOf(
  { parameters }: ApiCall,
  configuration: Configuration,
): LoadBalancerConfiguration | undefined {
  const { LoadBalancerArn, ListenerArn, RuleArn } = parameters as Record<string, string | undefined>;
  const listener = ListenerArn ?? RuleArn?.replace(':listener-rule/', ':listener/').replace(/\/[^/]*$/, '');
  return configuration.loadBalancers.find(
    ({ arn, listeners }) => arn === LoadBalancerArn || listeners.some((each) => each.arn === listener),
  );
}

/** @throws ApiError InvalidConfigurationRequest, TargetGroupAssociationLimit */
function checkGroups(arns: readonly string[], call: ApiCall, configuration: Configuration): void {
  const balancer = balancerOf(call, configuration);
  if (balancer === undefined) return;
  for (const arn of arns) {
    const vpcId = configuration.targetGroups.find((group) => group.arn === arn)?.vpcId;
    if (vpcId !== undefined && balancer.vpcId !== undefined && vpcId !== balancer.vpcId)
      throw new ApiError(
        'InvalidConfigurationRequest',
        `Target group '${arn}' is in a different VPC than load balancer '${balancer.arn}'`,
      );
  }
  const others = configuration.loadBalancers.filter(({ arn }) => arn !== balancer.arn);
  const used = new Set(others.flatMap(({ listeners }) => listeners.flatMap(forwardedTo)));
  const shared = arns.filter((arn) => used.has(arn));
  if (shared.length > 0)
    throw new ApiError(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${shared.join(', ')}`,
    );
}

function isBlock(block: string): boolean {
  const [network = '', prefix = '', ...more] = block.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(network) as 0 | 4 | 6];
  return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest;
}

function checkConditions(conditions: readonly { SourceIpConfig?: { Values?: string[] } }[]): void {
  const blocks = conditions.flatMap(({ SourceIpConfig }) => listOf<string>(SourceIpConfig?.Values));
  const wrong = blocks.find((block) => !isBlock(block));
  if (wrong !== undefined) throw refuse(`The source IP '${wrong}' must be a block in CIDR notation`);
}

/**
 * Refuses calls about listeners and rules.
 * @param configuration what there is when a call comes
 */
export function ruleChecks(configuration: () => Configuration): CallCheck {
  return {
    service: 'elasticloadbalancing',
    operations: ['CreateListener', 'ModifyListener', 'CreateRule', 'ModifyRule'],
    check(call) {
      const { Actions, DefaultActions, Conditions } = call.parameters;
      const actions = listOf<ForwardAction>(Actions ?? DefaultActions);
      const arns = actions.filter(({ Type }) => Type === 'forward').flatMap(checkForward);
      checkConditions(listOf(Conditions));
      checkGroups(arns, call, configuration());
    },
  };
}
