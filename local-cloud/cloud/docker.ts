/** Instances that are containers, on real time, behind real load balancers, with real databases. */
import { Databases } from '../database/index.ts';
import { createFleet } from '../fleet/index.ts';
import type { AnswerFilter } from '../gateway/index.ts';
import {
  accessKeyIdOf,
  createDockerDriver,
  createInstanceService,
  type Instances,
  rememberInstances,
} from '../instance/index.ts';
import {
  createLoadBalancers,
  EmulatorSource,
  type LoadBalancers,
  ruleChecks,
  RuleDelay,
} from '../load-balancer/index.ts';
import { LABEL, lastLines, networkName, removeLeftovers, runCommand } from '../host/index.ts';
import { createMetrics } from './metrics.ts';
import {
  type Cloud,
  type AssemblyOptions,
  fleetSources,
  type InstanceWithRole,
  LOAD_BALANCER_CHANGES,
  STEP_MILLISECONDS,
} from './options.ts';

/** Load balancers of the default port answer from 8080 upwards; those of another one beside it, from there. */
const loadBalancerPort = (id: number): number => (id === 4570 ? 8080 : id + 2000);

function loadBalancerFilters(loadBalancers: LoadBalancers): AnswerFilter[] {
  const service = 'elasticloadbalancing';
  return [
    {
      service,
      operations: LOAD_BALANCER_CHANGES,
      async apply(_call, body) {
        await loadBalancers.sync();
        return loadBalancers.rewrite(body);
      },
    },
    { service, operations: ['DescribeLoadBalancers'], apply: (_call, body) => loadBalancers.rewrite(body) },
  ];
}

async function ensureNetwork(id: number): Promise<string> {
  const name = networkName(id);
  await removeLeftovers(id);
  const made = await runCommand('docker', ['network', 'create', '--label', `${LABEL}=${id}`, name]);
  if (made.exitCode !== 0) throw new Error(`docker network create ${name}: ${lastLines(made, 2)}`);
  return name;
}

/** The instance whose metadata give out an access key. */
function instanceOf(instances: Instances, accessKeyId: string): InstanceWithRole | undefined {
  const all = instances.list().map(({ request }) => request);
  const found = all.find(({ instanceId }) => accessKeyIdOf(instanceId) === accessKeyId);
  const profile = found?.template.instanceProfile;
  return found === undefined || profile === undefined ? undefined : { instanceId: found.instanceId, profile };
}

/** Needs a Docker engine and the instance image. */
export async function assembleDocker(options: AssemblyOptions): Promise<Cloud> {
  const { id, instanceImage, region, accountId, log, clients, account } = options;
  if (instanceImage === undefined) throw new Error('instances that are containers need an image');
  const network = await ensureNetwork(id);
  const clock = { now: () => Date.now() };
  const driver = await createDockerDriver({
    ...{ image: instanceImage, network, gatewayPort: id, region, accountId, log },
    roleOf: options.roleOfProfile,
  });
  const instances = rememberInstances(account.guard(driver, clock.now), clock.now);
  const metrics = createMetrics(options, clock.now, (id) => driver.zone?.(id));
  const ruleDelay = new RuleDelay(options.weightDelay);
  const loadBalancers = createLoadBalancers({
    ruleDelay,
    source: new EmulatorSource(clients.elasticLoadBalancingV2),
    addresses: driver,
    firstPort: loadBalancerPort(id),
    served: metrics.served,
    log,
  });
  const databases = new Databases({ port: id, network, log });
  const fleet = createFleet({
    ...fleetSources(options),
    clock,
    driver: instances.driver,
    targetGroups: loadBalancers.registry,
  });
  fleet.start(STEP_MILLISECONDS);
  const sources = {
    configuration: () => loadBalancers.configuration(),
    health: (arn: string) => loadBalancers.registry.health(arn),
    groups: () => fleet.state.groups,
  };
  const measuring = setInterval(() => {
    metrics.step(sources).catch((error: unknown) => log(`metrics: ${String(error)}`));
  }, STEP_MILLISECONDS);
  return {
    services: {
      autoscaling: account.autoScaling(fleet.service),
      ec2: createInstanceService(instances, clock.now),
      elasticloadbalancing: loadBalancers.service,
      monitoring: metrics.service,
    },
    filters: [...loadBalancerFilters(loadBalancers), ...databases.filters(), ...metrics.filters],
    checks: [ruleChecks(() => loadBalancers.configuration())],
    instanceOf: (accessKeyId) => instanceOf(instances, accessKeyId),
    loadBalancers: ruleDelay,
    balancing: loadBalancers,
    async close() {
      clearInterval(measuring);
      await fleet.close();
      await driver.close();
      await Promise.all([loadBalancers.close(), databases.close()]);
      await removeLeftovers(id);
    },
  };
}
