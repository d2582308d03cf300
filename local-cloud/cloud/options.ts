/** What both ways to run instances are assembled from, and what comes out. */
import type { Account } from './account.ts';
import type { AnswerFilter, Authorize, CallCheck, Disturbable, Service } from '../gateway/index.ts';
import type { Configuration, ListenerAddress } from '../load-balancer/index.ts';
import type { AlarmBook } from '../metrics/index.ts';
import { createAlarms, createNetwork, createTemplates, type MotoClients } from '../moto/index.ts';

/** What both kinds of cloud are made of. */
export interface AssemblyOptions {
  /** The gateway's port: what containers and networks of this run are labelled with. */
  id: number;
  instanceImage?: string;
  speed: number;
  /** Seconds that a minute of CloudWatch lasts. */
  metricMinute: number;
  /** Seconds after its end until a minute of AWS's own metrics can be asked for. */
  metricDelay: number;
  /** Seconds until requests meet rules that were changed. */
  weightDelay: number;
  region: string;
  accountId: string;
  log: (line: string) => void;
  clients: MotoClients;
  account: Account;
  /** The role of an instance profile, by the profile's name or ARN. */
  roleOfProfile: (profile: string) => Promise<string | undefined>;
}

/** An instance that has credentials. */
export interface InstanceWithRole {
  instanceId: string;
  /** Name or ARN of its instance profile. */
  profile: string;
}

/** Load balancers, for those who look at them. */
export interface Balancing {
  /** As the API has them now. */
  configuration(): Configuration;
  /** Where their listeners answer; nowhere, where instances are simulated. */
  addresses(): ListenerAddress[];
}

/** What a reset throws away: the services that the gateway answers itself. */
export interface Cloud extends Disturbable {
  services: Record<string, Service>;
  filters: AnswerFilter[];
  checks: CallCheck[];
  authorize?: Authorize;
  /** Every permission that let a call through, once. */
  permissions?: () => unknown[];
  alarmBook?: AlarmBook;
  /** Whose metadata give out an access key; undefined where no instance's do. */
  instanceOf?: (accessKeyId: string) => InstanceWithRole | undefined;
  balancing: Balancing;
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
