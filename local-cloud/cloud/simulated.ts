/** Instances, targets and time that are simulated: no Docker, and as fast as asked for. */
import type { TargetRegistry } from '../fleet/index.ts';
import { createSimulatedFleet, type Usage } from '../simulation/index.ts';
import { createInstanceService, type Instances, rememberInstances } from '../instance/index.ts';
import {
  type Configuration,
  createTargetService,
  EmulatorSource,
  type TargetGroupConfiguration,
  targetGroupsInUse,
} from '../load-balancer/index.ts';
import { createMetrics } from './metrics.ts';
import {
  type Cloud,
  type AssemblyOptions,
  fleetSources,
  LOAD_BALANCER_CHANGES,
  STEP_MILLISECONDS,
} from './options.ts';

/** How long an alarm's state is good enough, in real time: on a fast clock the fleet looks far more often. */
const LOOKUP_MILLISECONDS = 100;

/** Target groups as moto has them, read anew after every change, and since when load balancers use them. */
function targetGroups(options: AssemblyOptions, now: () => number) {
  const source = new EmulatorSource(options.clients.elasticLoadBalancingV2);
  let configuration: Configuration = { loadBalancers: [], targetGroups: [] };
  let usage = new Map<string, Usage>();
  const read = async (): Promise<void> => {
    configuration = await source.read();
    const used = [...targetGroupsInUse(configuration)];
    usage = new Map(used.map(([arn, zones]) => [arn, { zones, since: usage.get(arn)?.since ?? now() }]));
  };
  return {
    /** Of a call that changed something; its answer stays as it is. */
    readAfter: async (_call: unknown, body: string): Promise<string> => {
      await read();
      return body;
    },
    configuration: () => configuration,
    usage: (arn: string): Usage | undefined => usage.get(arn),
    find: (arn: string): TargetGroupConfiguration | undefined =>
      configuration.targetGroups.find((group) => group.arn === arn),
  };
}

/** A simulated target has one port: the group's. */
const targetApi = (targets: TargetRegistry) => ({
  register: (arn: string, id: string) => targets.register(arn, id),
  deregister: (arn: string, id: string) => targets.deregister(arn, id),
  health: (arn: string) => targets.health(arn),
  healthCheck: (arn: string) => targets.healthCheck(arn),
  registerOn: (arn: string, id: string) => targets.register(arn, id),
  deregisterOn: (arn: string, id: string) => targets.deregister(arn, id),
});

/** Everything that has an effect outside of the process is left out: proxies, containers, databases. */
export async function assembleSimulated(options: AssemblyOptions): Promise<Cloud> {
  const groups = targetGroups(options, () => simulated.clock.now());
  let instances: Instances | undefined;
  const simulated = createSimulatedFleet({
    ...fleetSources(options),
    speed: options.speed,
    lookupMs: LOOKUP_MILLISECONDS,
    port: (arn) => groups.find(arn)?.port,
    usage: (arn) => groups.usage(arn),
    healthCheck(arn) {
      const group = groups.find(arn);
      return group && { ...group.healthCheck, deregistrationDelaySeconds: group.deregistrationDelaySeconds };
    },
    afterLook: () =>
      metrics.step({
        configuration: () => groups.configuration(),
        health: (arn) => simulated.simulation.targetGroups.health(arn),
        groups: () => simulated.fleet.state.groups,
      }),
    wrapDriver(driver) {
      const now = (): number => simulated.clock.now();
      instances = rememberInstances(options.account.guard(driver, now), now);
      return instances.driver;
    },
  });
  if (instances === undefined) throw new Error('the simulated fleet did not take its driver');
  const known: Instances = instances;
  const metrics = createMetrics(
    options,
    () => simulated.clock.now(),
    (id) => simulated.simulation.zone(id),
  );
  simulated.start(STEP_MILLISECONDS);
  return {
    services: {
      autoscaling: options.account.autoScaling(simulated.fleet.service),
      ec2: createInstanceService(known, () => simulated.clock.now()),
      elasticloadbalancing: createTargetService({
        ...targetApi(simulated.simulation.targetGroups),
        port: (arn) => groups.find(arn)?.port,
        knows: (id) => known.driver.describe(id) !== undefined,
      }),
      monitoring: metrics.service,
    },
    filters: [
      ...metrics.filters,
      { service: 'elasticloadbalancing', operations: LOAD_BALANCER_CHANGES, apply: groups.readAfter },
    ],
    fleet: {
      inject: (fault) => simulated.inject(fault),
      clearFaults: () => simulated.clearFaults(),
      advance: (seconds) => simulated.advance(seconds),
    },
    loadBalancerAddresses: () => [],
    close: () => simulated.close(),
  };
}
