/** Instances, targets and time that are simulated: no Docker, and as fast as asked for. */
import { createSimulatedFleet, type Usage } from '../simulation/index.ts';
import { createInstanceService, type Instances, rememberInstances } from '../instance/index.ts';
import {
  type Configuration,
  createTargetService,
  EmulatorSource,
  type TargetGroupConfiguration,
  targetGroupsInUse,
} from '../load-balancer/index.ts';
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
  return {
    async read(): Promise<void> {
      configuration = await source.read();
      const used = [...targetGroupsInUse(configuration)];
      usage = new Map(used.map(([arn, zones]) => [arn, { zones, since: usage.get(arn)?.since ?? now() }]));
    },
    usage: (arn: string): Usage | undefined => usage.get(arn),
    find: (arn: string): TargetGroupConfiguration | undefined =>
      configuration.targetGroups.find((group) => group.arn === arn),
  };
}

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
    wrapDriver(driver) {
      instances = rememberInstances(driver, () => simulated.clock.now());
      return instances.driver;
    },
  });
  if (instances === undefined) throw new Error('the simulated fleet did not take its driver');
  const known: Instances = instances;
  const targets = simulated.simulation.targetGroups;
  const targetService = createTargetService({
    register: (arn, id) => targets.register(arn, id),
    deregister: (arn, id) => targets.deregister(arn, id),
    health: (arn) => targets.health(arn),
    healthCheck: (arn) => targets.healthCheck(arn),
    port: (arn) => groups.find(arn)?.port,
    knows: (id) => known.driver.describe(id) !== undefined,
    registerOn: (arn, id) => targets.register(arn, id),
    deregisterOn: (arn, id) => targets.deregister(arn, id),
  });
  simulated.start(STEP_MILLISECONDS);
  return {
    services: {
      autoscaling: simulated.fleet.service,
      ec2: createInstanceService(known, () => simulated.clock.now()),
      elasticloadbalancing: targetService,
    },
    filters: [
      {
        service: 'elasticloadbalancing',
        operations: LOAD_BALANCER_CHANGES,
        async apply(_call, body) {
          await groups.read();
          return body;
        },
      },
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
