/** Load balancers and target groups of simulated instances: what the emulator has of them, and no proxy. */
import type { HealthCheckSettings, TargetRegistry } from '../fleet/index.ts';
import {
  actionFor,
  type Configuration,
  EmulatorSource,
  Propagation,
  type RuleDelay,
  type TargetGroupConfiguration,
  targetGroupsInUse,
} from '../load-balancer/index.ts';
import type { Route, TrafficSettings, Usage } from '../simulation/index.ts';
import type { AssemblyOptions } from './options.ts';

/** What made-up traffic consists of: its client is somewhere on the internet. */
const USERS_REQUEST = {
  ...{ method: 'GET', path: '/', query: new URLSearchParams(), headers: {} },
  sourceIp: '203.0.113.7',
};

/**
 * Load balancers and target groups as moto has them, read anew after every change, and since when load balancers use them. */
export function readGroups(options: AssemblyOptions, now: () => number, ruleDelay: RuleDelay) {
  const source = new EmulatorSource(options.clients.elasticLoadBalancingV2);
  let configuration: Configuration = { loadBalancers: [], targetGroups: [] };
  let usage = new Map<string, Usage>();
  const propagation = new Propagation();
  const read = async (): Promise<void> => {
    configuration = await source.read();
    propagation.offer(configuration, now(), ruleDelay.milliseconds);
    const used = [...targetGroupsInUse(configuration)];
    usage = new Map(used.map(([arn, zones]) => [arn, { zones, since: usage.get(arn)?.since ?? now() }]));
  };
  const find = (arn: string): TargetGroupConfiguration | undefined =>
    configuration.targetGroups.find((group) => group.arn === arn);
  return {
    /** Of a call that changed something; its answer stays as it is. */
    readAfter: async (_call: unknown, body: string): Promise<string> => {
      await read();
      return body;
    },
    configuration: () => configuration,
    /** Where requests to `/` go now, of each load balancer from its first listener that forwards them. */
    routes: ({ loadBalancer }: TrafficSettings): Route[] =>
      propagation
        .current(now())
        .loadBalancers.filter(({ name }) => (loadBalancer ?? name) === name)
        .flatMap(({ arn, dnsName, listeners }) => {
          const request = { ...USERS_REQUEST, host: dnsName };
          const actions = [...listeners]
            .sort((left, right) => left.port - right.port)
            .map((listener) => actionFor(listener, request));
          const forward = actions.find((action) => action?.type === 'forward');
          return forward === undefined ? [] : { loadBalancerArn: arn, targetGroups: forward.targetGroups };
        }),
    usage: (arn: string): Usage | undefined => usage.get(arn),
    port: (arn: string): number | undefined => find(arn)?.port,
    healthCheck: (arn: string): HealthCheckSettings | undefined => {
      const group = find(arn);
      return group && { ...group.healthCheck, deregistrationDelaySeconds: group.deregistrationDelaySeconds };
    },
  };
}

/** A simulated target has one port: the group's. */
export const targetApi = (targets: TargetRegistry) => ({
  register: (arn: string, id: string) => targets.register(arn, id),
  deregister: (arn: string, id: string) => targets.deregister(arn, id),
  health: (arn: string) => targets.health(arn),
  healthCheck: (arn: string) => targets.healthCheck(arn),
  registerOn: (arn: string, id: string) => targets.register(arn, id),
  deregisterOn: (arn: string, id: string) => targets.deregister(arn, id),
});
