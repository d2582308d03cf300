/** The services that the gateway answers itself, and how they hang together. Made anew by every reset. */
import { type AccountKind, createAccount } from './account.ts';
import { assembleDocker } from './docker.ts';
import { assembleSimulated } from './simulated.ts';
import { VcpuQuotas } from './vcpu-quotas.ts';
import type { Cloud, AssemblyOptions } from './options.ts';
import type { InstanceKind } from '../instance/index.ts';
import { createIam, type Iam, type Issuers, type Session } from '../iam/index.ts';
import { sessionTokenOf } from '../instance/index.ts';
import { createAlarmBook, createMotoClients, type Moto } from '../moto/index.ts';
import {
  createEcr,
  type Peers,
  type RegistryServer,
  type Repositories,
  type Tokens,
} from '../registry/index.ts';

/** What lives on when the cloud is emptied, and how instances are to be run. */
export interface Parts {
  instances: InstanceKind;
  accountKind: AccountKind;
  /** vCPUs of the standard families that may run at once; what such an account begins with when left out. */
  vcpus: number | undefined;
  moto: Moto;
  registry: RegistryServer & { repositories: Repositories };
  tokens: Tokens;
  peers: Peers;
  issuers: Issuers;
  iam: IamSetting;
}

/** Whether calls are held against policies, and how late changes of them are known. */
export interface IamSetting {
  enforced: boolean;
  delaySeconds: number;
}

/** An instance's credentials are those of its role for as long as it lives. */
async function instanceSession(
  cloud: Cloud | undefined,
  iam: Iam,
  key: string,
): Promise<Session | undefined> {
  const instance = cloud?.instanceOf?.(key);
  const roleName = instance && (await iam.roleOfProfile(instance.profile));
  if (instance === undefined || roleName === undefined) return undefined;
  const { instanceId } = instance;
  const sessionToken = sessionTokenOf(instanceId);
  const session = { accessKeyId: key, secretAccessKey: '', sessionToken, roleName, sessionName: instanceId };
  return { ...session, expiresAt: Number.POSITIVE_INFINITY };
}

/** Puts the services together. What was started is taken down again when something fails. */
export async function assembleCloud(
  options: Omit<AssemblyOptions, 'clients' | 'account' | 'roleOfProfile'> & Parts,
): Promise<Cloud> {
  const { moto, registry, tokens, peers, instances } = options;
  const clients = createMotoClients(moto.endpoint, options.region);
  const ecr = createEcr(registry.repositories, tokens, `http://127.0.0.1:${registry.port}`, peers);
  const { accountKind: kind, accountId, vcpus: standard } = options;
  const quotas = new VcpuQuotas({ isNew: kind === 'new', standard });
  const account = createAccount({ kind, accountId, quotas }, moto.endpoint);
  await account.prepare();
  const assemble = instances === 'docker' ? assembleDocker : assembleSimulated;
  const made: { cloud?: Cloud } = {};
  const iam = createIam({
    ...{ accountId: options.accountId, region: options.region, emulator: moto.endpoint, clients },
    ...{ issuers: options.issuers, delaySeconds: options.iam.delaySeconds },
    services: () => ({ ...made.cloud?.services, ecr }),
    instanceSession: (key) => instanceSession(made.cloud, iam, key),
  });
  const assembled = await assemble({ ...options, clients, account, roleOfProfile: iam.roleOfProfile });
  made.cloud = assembled;
  return {
    ...assembled,
    services: { ...assembled.services, ecr, sts: iam.sts, servicequotas: quotas.service },
    quotas,
    alarmBook: createAlarmBook(clients.cloudWatch),
    filters: [...assembled.filters, ...account.filters, ...iam.filters],
    ...(options.iam.enforced && { authorize: iam.authorize, permissions: iam.permissions }),
    async close() {
      await assembled.close();
      iam.close();
      clients.destroy();
    },
  };
}
