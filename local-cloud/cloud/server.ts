/** Puts the local cloud together: gateway, moto, registry, fleet, load balancers and databases, in one process. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AccountKind } from './account.ts';
import { assembleCloud, type IamSetting } from './assemble.ts';
import { createConsole } from './console.ts';
import type { Cloud } from './options.ts';
import type { InstanceKind } from '../instance/index.ts';
import {
  type Authorize,
  CallLog,
  createControl,
  Faults,
  type Gateway,
  startGateway,
} from '../gateway/index.ts';
import { Issuers } from '../iam/index.ts';
import { createModels } from '../model/index.ts';
import { type Moto, startMoto } from '../moto/index.ts';
import {
  answerPeer,
  Blobs,
  type PeerQuestion,
  Peers,
  type RegistryServer,
  Repositories,
  startRegistry,
  Tokens,
} from '../registry/index.ts';

/** The AWS account that a cloud is, unless another is asked for. */
export const DEFAULT_ACCOUNT_ID = '123456789012';
/** The region that everything is made in, unless another is asked for. */
export const DEFAULT_REGION = 'eu-north-1';
/** The gateway's, on 127.0.0.1, unless another is asked for. */
export const DEFAULT_PORT = 4570;

/** Seconds. AWS says nothing of it; its load balancers take a moment. */
export const DEFAULT_WEIGHT_DELAY = 1;

/** What `startLocalCloud` is told. */
export interface LocalCloudOptions {
  /** The gateway's; 0 takes any free one, for the registry too. */
  port: number;
  /** Docker containers on real time, or simulated ones that need no Docker. */
  instances: InstanceKind;
  /** How many times faster than real time the simulated instances' clock runs. */
  speed: number;
  /** Whether the account has been used before: a new one lacks roles, and has AWS's first quotas. Default: used. */
  account?: AccountKind;
  /** vCPUs of the standard families that may run at once: a used account has plenty, a new one 16. */
  vcpus?: number;
  /** Which account and region the cloud is. */
  accountId?: string;
  region?: string;
  /** Addresses of other local clouds, which have the registries of other accounts and regions. */
  peers?: string[];
  /**
   * How many seconds a minute of CloudWatch lasts: 60 unless given. Less of them, and alarms judge sooner.
   */
  metricMinute?: number;
  /**
   * How many seconds after its end a minute of AWS's own metrics can be asked for. 0, as it is unless given, shows it
   * while it still goes on; on AWS it is one to a few minutes.
   */
  metricDelay?: number;
  /** How many seconds it takes until requests meet rules that were changed: one unless given. */
  weightDelay?: number;
  /** The run's own folder; made when missing. */
  folder: string;
  /** The interpreter that has moto. */
  python: string;
  /** By default calls are held against policies, whose changes are known at once. */
  iam?: Partial<IamSetting>;
  /** What instances boot from; needed when they are containers. */
  instanceImage?: string;
  log: (line: string) => void;
  /** Called when the cloud can't go on, for instance because moto ended. */
  onFailure?: (why: string) => void;
}

/** A local cloud that has been started. */
export interface LocalCloud {
  port: number;
  endpoint: string;
  /** What is where; `status` and `up` show it. */
  status(): CloudStatus;
  close(): Promise<void>;
}

/** What runs and where, as `/_local/status` and `--json` have it. */
export interface CloudStatus {
  /** False while it starts and while it is being reset. */
  ready: boolean;
  pid: number;
  instances: InstanceKind;
  account: AccountKind;
  accountId: string;
  region: string;
  speed: number;
  metricMinute: number;
  endpoint: string;
  addresses: { gateway: string; control: string; registry: string; loadBalancers: string[] };
  upSeconds: number;
  memoryBytes: number;
}

/** The registry's port follows from the gateway's, so that repository addresses stay the same between runs. */
export const registryPort = (port: number): number => (port === 0 ? 0 : port + 1000);

/** What a client needs to speak to the cloud: an IP address in the endpoint makes SDKs use path-style S3. */
export function clientEnvironment({
  endpoint,
  region,
}: Pick<CloudStatus, 'endpoint' | 'region'>): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local-cloud',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
}

interface Parts {
  faults: Faults;
  moto: Moto;
  registry: RegistryServer & { repositories: Repositories };
  tokens: Tokens;
  /** Who is asked at the registry's door; another one after each reset. */
  door: { authorize?: Authorize; endpoint?: string };
  peers: Peers;
}

/** Which account and region a cloud is. */
const placeOf = ({ accountId = DEFAULT_ACCOUNT_ID, region = DEFAULT_REGION }: LocalCloudOptions) => ({
  accountId,
  region,
});

async function startParts(options: LocalCloudOptions): Promise<Parts> {
  const { folder, port, python, onFailure, account = 'used' } = options;
  const { accountId, region } = placeOf(options);
  mkdirSync(folder, { recursive: true });
  const tokens = new Tokens();
  const faults = new Faults();
  const blobs = new Blobs(join(folder, 'registry'));
  const create = (host: string): Repositories =>
    new Repositories({ registryId: accountId, host, region, blobs });
  const door: Parts['door'] = {};
  const authorize = (): Authorize | undefined => door.authorize;
  const peers = new Peers({ accountId, region, endpoint: () => door.endpoint ?? '' });
  const registry = await startRegistry(registryPort(port), create, { tokens, faults, authorize, peers });
  const logFile = join(folder, 'moto.log');
  try {
    const onExit = (code: number | null): void =>
      onFailure?.(`moto ended with code ${code}; ${logFile} says why`);
    const newAccount = account === 'new';
    const started = await startMoto({ python, logFile, onExit, newAccount, accountId });
    return { moto: started, registry, tokens, faults, door, peers };
  } catch (error) {
    await registry.close();
    throw error;
  }
}

class RunningCloud implements LocalCloud {
  readonly #options: LocalCloudOptions;
  readonly #parts: Parts;
  readonly #calls = new CallLog();
  readonly #issuers = new Issuers();
  readonly #startedAt = Date.now();
  #cloud: Cloud | undefined;
  #gateway: Gateway | undefined;
  #resetting: Promise<void> | undefined;

  constructor(options: LocalCloudOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  async start(): Promise<this> {
    const { moto, tokens, door, peers } = this.#parts;
    this.#gateway = await startGateway({
      port: this.#options.port,
      ...placeOf(this.#options),
      upstream: moto.upstream,
      routes: () => this.#cloud,
      control: createControl({
        calls: this.#calls,
        faults: this.#parts.faults,
        status: () => this.status(),
        reset: () => this.#resetOnce(),
        cloud: () => this.#cloud,
        issuers: this.#issuers,
        permissions: () => this.#cloud?.permissions?.() ?? [],
        peers: {
          list: () => peers.list(),
          add: (address) => peers.add(address),
          answer: (question) => answerPeer(question as PeerQuestion, { tokens, authorize: door.authorize }),
        },
        console: createConsole({
          cloud: () => this.#cloud,
          alarms: () => this.#cloud?.alarmBook,
          calls: () => this.#calls.list(),
          ...placeOf(this.#options),
        }),
      }),
      calls: this.#calls,
      faults: this.#parts.faults,
      models: createModels(moto.models),
      log: this.#options.log,
    });
    door.endpoint = this.endpoint;
    this.#cloud = await this.#assemble();
    for (const address of this.#options.peers ?? []) await peers.add(address);
    return this;
  }

  async #assemble(): Promise<Cloud> {
    const { moto, registry, tokens, door, peers } = this.#parts;
    const { port, account: accountKind = 'used' } = this.#options;
    const gateway = this.#requireGateway();
    const id = port === 0 ? gateway.port : port;
    const cloud = await assembleCloud({
      ...this.#options,
      ...{ id, moto, registry, tokens, peers, issuers: this.#issuers },
      ...placeOf(this.#options),
      accountKind,
      vcpus: this.#options.vcpus,
      iam: { enforced: true, delaySeconds: 0, ...this.#options.iam },
      metricMinute: this.#options.metricMinute ?? 60,
      metricDelay: this.#options.metricDelay ?? 0,
      weightDelay: this.#options.weightDelay ?? DEFAULT_WEIGHT_DELAY,
    });
    door.authorize = cloud.authorize;
    return cloud;
  }

  #requireGateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('the gateway is not listening yet');
    return this.#gateway;
  }

  /** Who asks for a reset while one is under way waits for that one: two at once would leave a fleet that nobody ends. */
  #resetOnce(): Promise<void> {
    this.#resetting ??= this.#reset().finally(() => {
      this.#resetting = undefined;
    });
    return this.#resetting;
  }

  /** Everything is forgotten: what AWS would hold, what runs, recorded calls and faults. */
  async #reset(): Promise<void> {
    const { moto, registry, tokens } = this.#parts;
    const previous = this.#cloud;
    this.#cloud = undefined;
    await previous?.close();
    await moto.reset();
    registry.repositories.clear();
    tokens.clear();
    this.#calls.clear();
    this.#parts.faults.clear();
    this.#issuers.clear();
    this.#cloud = await this.#assemble();
  }

  get port(): number {
    return this.#requireGateway().port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  status(): CloudStatus {
    const { instances, speed, metricMinute = 60, account = 'used' } = this.#options;
    return {
      ready: this.#cloud !== undefined,
      pid: process.pid,
      ...{ instances, account, ...placeOf(this.#options) },
      speed,
      metricMinute,
      endpoint: this.endpoint,
      addresses: {
        gateway: this.endpoint,
        control: `${this.endpoint}/_local/status`,
        registry: `http://127.0.0.1:${this.#parts.registry.port}`,
        loadBalancers: this.#cloud?.balancing.addresses().map(({ address }) => `http://${address}`) ?? [],
      },
      upSeconds: Math.round((Date.now() - this.#startedAt) / 1000),
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  async close(): Promise<void> {
    const patience = delay(60_000, undefined, { ref: false });
    // What a reset is just making would otherwise outlive this.
    const end = async (): Promise<void> => {
      await this.#resetting?.catch(() => undefined);
      await this.#cloud?.close();
    };
    await Promise.race([end(), patience]);
    await this.#gateway?.close();
    await this.#parts.registry.close();
    await this.#parts.moto.stop();
  }
}

/** Starts everything and resolves when it answers. What was started is taken down again when something fails. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const cloud = new RunningCloud(options, await startParts(options));
  try {
    return await cloud.start();
  } catch (error) {
    await cloud.close().catch(() => undefined);
    throw error;
  }
}
