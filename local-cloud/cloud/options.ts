/** What both ways to run instances are assembled from, and what comes out. */
import type { AnswerFilter, FleetControl, Service } from '../gateway/index.ts';
import { createAlarms, createNetwork, createTemplates, type MotoClients } from '../moto/index.ts';

/** What both kinds of cloud are made of. */
export interface AssemblyOptions {
  /** The gateway's port: what containers and networks of this run are labelled with. */
  id: number;
  instanceImage?: string;
  speed: number;
  /** Seconds that a minute of CloudWatch lasts. */
  metricMinute: number;
  region: string;
  accountId: string;
  log: (line: string) => void;
  clients: MotoClients;
}

/** What a reset throws away: the services that the gateway answers itself. */
export interface Cloud {
  services: Record<string, Service>;
  filters: AnswerFilter[];
  fleet?: FleetControl;
  loadBalancerAddresses(): string[];
  close(): Promise<void>;
}

/** How often the fleet looks, in real time. */
export const STEP_MILLISECONDS = 500;

/** Operations after which load balancers and target groups are read anew. */
export const LOAD_BALANCER_CHANGES = [
  'CreateLoadBalancer',
  'DeleteLoadBalancer',
  'ModifyLoadBalancerAttributes',
  'SetSubnets',
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

/** What a fleet of either kind asks of moto. */
export function fleetSources({ region, accountId, log, clients }: AssemblyOptions) {
  return {
    templates: createTemplates(clients.ec2),
    network: createNetwork(clients.ec2),
    alarms: createAlarms(clients.cloudWatch),
    region,
    accountId,
    log,
  };
}
