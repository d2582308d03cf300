/** What load balancers, listeners, rules and target groups say, in the shape that the proxy works with. */

/** A target group as it was made. */
export interface TargetGroupConfiguration {
  arn: string;
  name: string;
  /** `instance` targets are named by instance id, `ip` targets by address. */
  targetType: 'instance' | 'ip';
  protocol: 'HTTP' | 'HTTPS' | 'TCP';
  port: number;
  healthCheck: HealthCheck;
  deregistrationDelaySeconds: number;
  vpcId?: string;
}

/** A target group's health check. */
export interface HealthCheck {
  enabled: boolean;
  protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** A number, or `traffic-port`: the target's own. */
  port: string;
  path: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  /** HTTP codes: `200`, `200,202`, `200-299`. */
  matcher: string;
}

export type Action =
  | {
      type: 'forward';
      targetGroups: { arn: string; weight: number }[];
      /** For how long a client stays with the target group that it got first; undefined: it does not. */
      stickySeconds?: number;
    }
  | { type: 'fixed-response'; status: number; contentType: string; body: string }
  | {
      type: 'redirect';
      status: number;
      protocol: string;
      host: string;
      port: string;
      path: string;
      query: string;
    };

export interface Condition {
  field:
    'path-pattern' | 'host-header' | 'http-header' | 'http-request-method' | 'query-string' | 'source-ip';
  values: string[];
  /** The header of an `http-header` condition, lower case. */
  header?: string;
}

export interface Rule {
  /** Rules are tried in this order; the listener's default has Infinity. */
  priority: number;
  conditions: Condition[];
  action: Action;
}

export interface ListenerConfiguration {
  arn: string;
  port: number;
  rules: Rule[];
}

export interface LoadBalancerConfiguration {
  arn: string;
  name: string;
  /** The name that the emulator made up; answers show the proxy's address instead. */
  dnsName: string;
  idleTimeoutSeconds: number;
  vpcId?: string;
  /** The Availability Zones that are enabled for it. */
  zones: string[];
  listeners: ListenerConfiguration[];
}

/** Everything that there is of elbv2 at one moment. */
export interface Configuration {
  loadBalancers: LoadBalancerConfiguration[];
  targetGroups: TargetGroupConfiguration[];
}

/** Where the configuration comes from. */
export interface ConfigurationSource {
  read(): Promise<Configuration>;
}

/** ARNs of the target groups that a listener's rules name, whatever their weight. */
export const forwardedTo = ({ rules }: ListenerConfiguration): string[] =>
  rules.flatMap(({ action }) => (action.type === 'forward' ? action.targetGroups.map(({ arn }) => arn) : []));

/**
 * The target groups that some listener forwards to, by ARN, with the zones from which their load balancers send
 * requests.
 */
export function targetGroupsInUse(configuration: Configuration): Map<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>();
  for (const { listeners, zones } of configuration.loadBalancers) {
    for (const arn of listeners.flatMap(forwardedTo))
      used.set(arn, new Set([...(used.get(arn) ?? []), ...zones]));
  }
  return used;
}
