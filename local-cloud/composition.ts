/** The services that the gateway answers itself, and how they hang together. Made anew by every reset. */
import { Databases } from './database/databases.ts';
import { createFleet, type Fleet } from './fleet/fleet.ts';
import type { FleetControl } from './gateway/control.ts';
import type { AnswerFilter, Service } from './gateway/wire.ts';
import { createDockerDriver, type DockerDriver } from './instance/docker-driver.ts';
import { createInstanceService } from './instance/ec2.ts';
import { rememberInstances } from './instance/records.ts';
import { EmulatorSource } from './load-balancer/emulator.ts';
import { createLoadBalancers, type LoadBalancers } from './load-balancer/load-balancers.ts';
import { createMotoClients, type MotoClients } from './moto/clients.ts';
import { createAlarms, createNetwork, createTemplates } from './moto/lookups.ts';
import type { Moto } from './moto/process.ts';
import { createEcr } from './registry/ecr.ts';
import type { RegistryServer } from './registry/oci.ts';
import type { Repositories } from './registry/repositories.ts';
import type { Tokens } from './registry/tokens.ts';
import type { InstanceKind } from './server.ts';
import { lastLines, runCommand } from './setup/command.ts';
import { LABEL, networkName, removeLeftovers } from './setup/leftovers.ts';

export interface CompositionOptions {
  /** The gateway's port: what containers and networks of this run are labelled with. */
  id: number;
  instances: InstanceKind;
  instanceImage?: string;
  speed: number;
  region: string;
  accountId: string;
  log: (line: string) => void;
  moto: Moto;
  registry: RegistryServer & { repositories: Repositories };
  tokens: Tokens;
}

export interface Cloud {
  services: Record<string, Service>;
  filters: AnswerFilter[];
  fleet?: FleetControl;
  loadBalancerAddresses(): string[];
  close(): Promise<void>;
}

/** Operations after which the load balancers are set up anew; the first of them names its own address. */
const LOAD_BALANCER_CHANGES = [
  'CreateLoadBalancer',
  'DeleteLoadBalancer',
  'ModifyLoadBalancerAttributes',
  'CreateTargetGroup',
  'DeleteTargetGroup',
  'ModifyTargetGroup',
  'ModifyTargetGroupAttributes',
  'CreateListener',
  'DeleteListener',
  'ModifyListener',
  'CreateRule',
  'DeleteRule',
  'ModifyRule',
  'SetRulePriorities',
];

/** How often the fleet looks, in real time; and for how long what it looked up in moto is good enough. */
const STEP_MILLISECONDS = 500;
const LOOKUP_MILLISECONDS = 1000;
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

function fleetOptions({ region, accountId, log }: CompositionOptions, clients: MotoClients) {
  return {
    templates: createTemplates(clients.ec2),
    network: createNetwork(clients.ec2),
    alarms: createAlarms(clients.cloudWatch),
    region,
    accountId,
    log,
    lookupMs: LOOKUP_MILLISECONDS,
  };
}

/** Instances that are containers, on real time, behind real load balancers. */
async function composeDocker(options: CompositionOptions, clients: MotoClients): Promise<Cloud> {
  const { id, instanceImage, region, accountId, log } = options;
  if (instanceImage === undefined) throw new Error('instances that are containers need an image');
  const network = await ensureNetwork(id);
  const clock = { now: () => Date.now() };
  const driver: DockerDriver = await createDockerDriver({
    ...{ image: instanceImage, network, gatewayPort: id, region, accountId, log },
  });
  const instances = rememberInstances(driver, clock.now);
  const loadBalancers = createLoadBalancers({
    source: new EmulatorSource(clients.elasticLoadBalancingV2),
    addresses: driver,
    firstPort: loadBalancerPort(id),
    log,
  });
  const databases = new Databases({ port: id, network, log });
  const fleet: Fleet = createFleet({
    ...fleetOptions(options, clients),
    clock,
    driver: instances.driver,
    targetGroups: loadBalancers.registry,
  });
  fleet.start(STEP_MILLISECONDS);
  return {
    services: {
      autoscaling: fleet.service,
      ec2: createInstanceService(instances, clock.now),
      elasticloadbalancing: loadBalancers.service,
    },
    filters: [...loadBalancerFilters(loadBalancers), ...databases.filters()],
    loadBalancerAddresses: () => loadBalancers.addresses().map(({ address }) => `http://${address}`),
    async close() {
      await fleet.close();
      await driver.close();
      await Promise.all([loadBalancers.close(), databases.close()]);
      await removeLeftovers(id);
    },
  };
}

export async function composeCloud(options: CompositionOptions): Promise<Cloud> {
  const { moto, registry, tokens, instances } = options;
  const clients = createMotoClients(moto.endpoint, options.region);
  const ecr = createEcr(registry.repositories, tokens, `http://127.0.0.1:${registry.port}`);
  const cloud: Cloud =
    instances === 'docker'
      ? await composeDocker(options, clients)
      : { services: {}, filters: [], loadBalancerAddresses: () => [], close: () => Promise.resolve() };
  return {
    ...cloud,
    services: { ...cloud.services, ecr },
    async close() {
      await cloud.close();
      clients.destroy();
    },
  };
}
