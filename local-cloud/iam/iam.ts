/** IAM over the whole cloud: sessions, and every call held against the policies of who makes it. */
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import type { AnswerFilter, ApiCall, Authorize, Service } from '../gateway/index.ts';
import { Account } from './account.ts';
import { createAuthorize } from './authorize.ts';
import type { InstanceSessions } from './callers.ts';
import { Inventory } from './inventory.ts';
import type { Issuers } from './providers.ts';
import { Sessions } from './sessions.ts';
import { createSts } from './sts.ts';
import { Usage, type UsedPermission } from './usage.ts';

export interface IamOptions {
  accountId: string;
  region: string;
  /** The emulator's own address, past the gateway. */
  emulator: string;
  /** Past the gateway as well. */
  clients: { ec2: EC2Client; elasticLoadBalancingV2: ElasticLoadBalancingV2Client };
  /** The services that are not the emulator's. */
  services: () => Record<string, Service>;
  instanceSession: InstanceSessions;
  issuers: Issuers;
  /** Seconds until a change of IAM is known everywhere. */
  delaySeconds: number;
}

/** What the rest of the cloud takes from IAM. */
export interface Iam {
  authorize: Authorize;
  sts: Service;
  filters: AnswerFilter[];
  roleOfProfile: (profile: string) => Promise<string | undefined>;
  /** Every permission that let a call through, once. */
  permissions: () => UsedPermission[];
  close: () => void;
}

/** Operations after which roles, users or policies are others. */
const CHANGES = [
  ...['Create', 'Delete', 'Update', 'Tag', 'Untag'].flatMap((verb) =>
    ['Role', 'User', 'Group'].map((what) => `${verb}${what}`),
  ),
  ...['Role', 'User', 'Group'].flatMap((what) => [
    ...[`Put${what}Policy`, `Delete${what}Policy`, `Attach${what}Policy`, `Detach${what}Policy`],
    ...[`Put${what}PermissionsBoundary`, `Delete${what}PermissionsBoundary`],
  ]),
  ...['AddUserToGroup', 'RemoveUserFromGroup'],
  ...['UpdateAssumeRolePolicy', 'CreatePolicy', 'DeletePolicy', 'CreatePolicyVersion', 'DeletePolicyVersion'],
  ...['SetDefaultPolicyVersion', 'CreateInstanceProfile', 'DeleteInstanceProfile'],
  ...[
    'AddRoleToInstanceProfile',
    'RemoveRoleFromInstanceProfile',
    'CreateServiceLinkedRole',
    'DeleteServiceLinkedRole',
  ],
];

/** Puts IAM together. */
export function createIam(options: IamOptions): Iam {
  const { accountId, region, emulator, clients, services, instanceSession, issuers, delaySeconds } = options;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local-cloud' };
  const iam = new IAMClient({ endpoint: emulator, region, credentials });
  const account = new Account(iam, () => delaySeconds);
  const sessions = new Sessions();
  const inventory = new Inventory({ ...clients, emulator, services });
  const usage = new Usage();
  const sources = { accountId, account, sessions, instanceSession };
  return {
    authorize: createAuthorize({ ...sources, inventory, usage }),
    sts: createSts({ ...sources, iam, issuers }),
    filters: [
      {
        service: 'iam',
        operations: CHANGES,
        apply: (_call: ApiCall, body: string) => {
          account.changed();
          return body;
        },
      },
    ],
    roleOfProfile: (profile) => account.roleOfProfile(profile),
    permissions: () => usage.list(),
    close: () => iam.destroy(),
  };
}
