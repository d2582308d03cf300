/** Reads what the emulator holds about load balancers, listeners, rules and target groups. */
import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type Action as ApiAction,
  type ElasticLoadBalancingV2Client,
  type LoadBalancer,
  type Rule as ApiRule,
  type RuleCondition,
  type TargetGroup as ApiTargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  Action,
  Condition,
  Configuration,
  ConfigurationSource,
  ListenerConfiguration,
  LoadBalancerConfiguration,
  Rule,
  TargetGroupConfiguration,
} from './configuration.ts';

const FIELDS = [
  'path-pattern',
  'host-header',
  'http-header',
  'http-request-method',
  'query-string',
  'source-ip',
] as const;

/** A rule's condition, from either of the API's two forms. */
export function readCondition(condition: RuleCondition): Condition | undefined {
  const field = FIELDS.find((known) => known === condition.Field);
  if (field === undefined) return undefined;
  const values =
    condition.PathPatternConfig?.Values ??
    condition.HostHeaderConfig?.Values ??
    condition.HttpHeaderConfig?.Values ??
    condition.HttpRequestMethodConfig?.Values ??
    condition.QueryStringConfig?.Values?.map(
      ({ Key, Value }) => (Key === undefined ? '' : `${Key}=`) + (Value ?? ''),
    ) ??
    condition.SourceIpConfig?.Values ??
    condition.Values ??
    [];
  const header = condition.HttpHeaderConfig?.HttpHeaderName?.toLowerCase();
  return { field, values, ...(header !== undefined && { header }) };
}

/** The last of a rule's actions: those before it authenticate, which nothing here does. */
export function readAction(actions: readonly ApiAction[]): Action | undefined {
  const action = [...actions].sort((left, right) => (left.Order ?? 0) - (right.Order ?? 0)).at(-1);
  const type: string = action?.Type ?? '';
  switch (type) {
    case 'forward': {
      const weighted = action?.ForwardConfig?.TargetGroups ?? [];
      const groups = weighted.length > 0 ? weighted : [{ TargetGroupArn: action?.TargetGroupArn }];
      const sticky = action?.ForwardConfig?.TargetGroupStickinessConfig;
      return {
        type: 'forward',
        ...(sticky?.Enabled === true && { stickySeconds: sticky.DurationSeconds ?? 1 }),
        targetGroups: groups.map((group) => ({
          arn: group.TargetGroupArn ?? '',
          weight: 'Weight' in group ? (group.Weight ?? 1) : 1,
        })),
      };
    }
    case 'fixed-response': {
      const answer = action?.FixedResponseConfig;
      return {
        type: 'fixed-response',
        status: Number(answer?.StatusCode ?? 200),
        contentType: answer?.ContentType ?? 'text/plain',
        body: answer?.MessageBody ?? '',
      };
    }
    case 'redirect': {
      const target = action?.RedirectConfig;
      return {
        type: 'redirect',
        status: target?.StatusCode === 'HTTP_301' ? 301 : 302,
        protocol: target?.Protocol ?? '#{protocol}',
        host: target?.Host ?? '#{host}',
        port: target?.Port ?? '#{port}',
        path: target?.Path ?? '/#{path}',
        query: target?.Query ?? '#{query}',
      };
    }
    default:
      return undefined;
  }
}

function readRule(rule: ApiRule): Rule[] {
  const action = readAction(rule.Actions ?? []);
  if (action === undefined) return [];
  const conditions = (rule.Conditions ?? []).flatMap((condition) => readCondition(condition) ?? []);
  return [{ priority: rule.IsDefault ? Infinity : Number(rule.Priority), conditions, action }];
}

const protocolOf = (name: string | undefined): 'HTTP' | 'HTTPS' | 'TCP' =>
  name === 'HTTP' || name === 'HTTPS' ? name : 'TCP';

/** A target group with AWS's defaults for what is not said. */
export function readTargetGroup(group: ApiTargetGroup, delaySeconds: number): TargetGroupConfiguration {
  return {
    arn: group.TargetGroupArn ?? '',
    name: group.TargetGroupName ?? '',
    targetType: group.TargetType === 'ip' ? 'ip' : 'instance',
    protocol: protocolOf(group.Protocol),
    port: group.Port ?? 80,
    healthCheck: {
      enabled: group.HealthCheckEnabled ?? true,
      protocol: protocolOf(group.HealthCheckProtocol ?? group.Protocol),
      port: group.HealthCheckPort ?? 'traffic-port',
      path: group.HealthCheckPath ?? '/',
      intervalSeconds: group.HealthCheckIntervalSeconds ?? 30,
      timeoutSeconds: group.HealthCheckTimeoutSeconds ?? 6,
      healthyThreshold: group.HealthyThresholdCount ?? 5,
      unhealthyThreshold: group.UnhealthyThresholdCount ?? 2,
      matcher: group.Matcher?.HttpCode ?? '200',
    },
    deregistrationDelaySeconds: delaySeconds,
    ...(group.VpcId !== undefined && { vpcId: group.VpcId }),
  };
}

const READ_ATTEMPTS = 5;

/** Reads everything anew each time; a local cloud has a handful of load balancers. */
export class EmulatorSource implements ConfigurationSource {
  readonly #client: ElasticLoadBalancingV2Client;

  constructor(client: ElasticLoadBalancingV2Client) {
    this.#client = client;
  }

  /** Something that is deleted while it is read makes the emulator answer "not found": then all is read again. */
  async read(): Promise<Configuration> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#readOnce();
      } catch (error) {
        const vanished = error instanceof Error && /NotFound(Exception)?$/.test(error.name);
        if (!vanished || attempt === READ_ATTEMPTS) throw error;
      }
    }
  }

  async #readOnce(): Promise<Configuration> {
    const [balancers, groups] = await Promise.all([
      this.#client.send(new DescribeLoadBalancersCommand({})),
      this.#client.send(new DescribeTargetGroupsCommand({})),
    ]);
    const [loadBalancers, targetGroups] = await Promise.all([
      Promise.all((balancers.LoadBalancers ?? []).map((balancer) => this.#loadBalancer(balancer))),
      Promise.all((groups.TargetGroups ?? []).map((group) => this.#targetGroup(group))),
    ]);
    return { loadBalancers, targetGroups };
  }

  async #loadBalancer(balancer: LoadBalancer): Promise<LoadBalancerConfiguration> {
    const LoadBalancerArn = balancer.LoadBalancerArn ?? '';
    const [listeners, attributes] = await Promise.all([
      this.#client.send(new DescribeListenersCommand({ LoadBalancerArn })),
      this.#client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn })),
    ]);
    const idle = attributes.Attributes?.find(({ Key }) => Key === 'idle_timeout.timeout_seconds')?.Value;
    return {
      arn: LoadBalancerArn,
      name: balancer.LoadBalancerName ?? '',
      dnsName: balancer.DNSName ?? '',
      idleTimeoutSeconds: Number(idle ?? 60),
      ...(balancer.VpcId !== undefined && { vpcId: balancer.VpcId }),
      zones: (balancer.AvailabilityZones ?? []).flatMap(({ ZoneName }) => ZoneName ?? []),
      listeners: await Promise.all(
        (listeners.Listeners ?? []).map(async ({ ListenerArn, Port }): Promise<ListenerConfiguration> => {
          const rules = await this.#client.send(new DescribeRulesCommand({ ListenerArn }));
          return { arn: ListenerArn ?? '', port: Port ?? 80, rules: (rules.Rules ?? []).flatMap(readRule) };
        }),
      ),
    };
  }

  async #targetGroup(group: ApiTargetGroup): Promise<TargetGroupConfiguration> {
    const attributes = await this.#client.send(
      new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group.TargetGroupArn }),
    );
    const delay = attributes.Attributes?.find(
      ({ Key }) => Key === 'deregistration_delay.timeout_seconds',
    )?.Value;
    return readTargetGroup(group, Number(delay ?? 300));
  }
}
