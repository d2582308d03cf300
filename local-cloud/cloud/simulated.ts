/** Instances, targets and time that are simulated: no Docker, and as fast as asked for. */
import { createSimulatedFleet } from '../simulation/index.ts';
import { createInstanceService, type Instances, rememberInstances } from '../instance/index.ts';
import { createTargetService, ruleChecks, RuleDelay } from '../load-balancer/index.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import {
  type Cloud,
  type AssemblyOptions,
  fleetSources,
  LOAD_BALANCER_CHANGES,
  STEP_MILLISECONDS,
} from './options.ts';
import { readGroups, targetApi } from './simulated-balancers.ts';
import { TrafficOfTests } from './simulated-traffic.ts';

/** How long an alarm's state is good enough, in real time: on a fast clock the fleet looks far more often. */
const LOOKUP_MILLISECONDS = 100;

/** Everything that has an effect outside of the process is left out: proxies, containers, databases. */
export async function assembleSimulated(options: AssemblyOptions): Promise<Cloud> {
  const ruleDelay = new RuleDelay(options.weightDelay);
  const now = (): number => simulated.clock.now();
  const groups = readGroups(options, now, ruleDelay);
  const serving = (arn: string) => simulated.simulation.serving(arn);
  const answered: Metrics['answered'] = (answers) => metrics.answered(answers);
  const world = { routes: groups.routes, serving, answered };
  const traffic = new TrafficOfTests(world, { now, metricMinute: options.metricMinute });
  let instances: Instances | undefined;
  const simulated = createSimulatedFleet({
    ...fleetSources(options),
    speed: options.speed,
    lookupMs: LOOKUP_MILLISECONDS,
    ...{ port: groups.port, usage: groups.usage, healthCheck: groups.healthCheck },
    afterLook() {
      traffic.step();
      return metrics.step({
        configuration: () => groups.configuration(),
        health: (arn) => simulated.simulation.targetGroups.health(arn),
        groups: () => simulated.fleet.state.groups,
      });
    },
    wrapDriver(driver) {
      instances = rememberInstances(options.account.guard(driver, now), now);
      return instances.driver;
    },
  });
  if (instances === undefined) throw new Error('the simulated fleet did not take its driver');
  const known: Instances = instances;
  const metrics = createMetrics(options, now, (id) => simulated.simulation.zone(id));
  simulated.start(STEP_MILLISECONDS);
  return {
    services: {
      autoscaling: options.account.autoScaling(simulated.fleet.service),
      ec2: createInstanceService(known, now),
      elasticloadbalancing: createTargetService({
        ...targetApi(simulated.simulation.targetGroups),
        port: groups.port,
        knows: (id) => known.driver.describe(id) !== undefined,
      }),
      monitoring: metrics.service,
    },
    filters: [
      ...metrics.filters,
      { service: 'elasticloadbalancing', operations: LOAD_BALANCER_CHANGES, apply: groups.readAfter },
    ],
    checks: [ruleChecks(groups.configuration)],
    fleet: {
      inject: (fault) => simulated.inject(fault),
      clearFaults: () => simulated.clearFaults(),
      advance: (seconds) => simulated.advance(seconds),
    },
    loadBalancers: ruleDelay,
    traffic,
    balancing: { configuration: groups.configuration, addresses: () => [] },
    close: () => simulated.close(),
  };
}
