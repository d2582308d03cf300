/** Instances that are Docker containers: they boot with the launch template's own user data. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type InstanceDriver,
  type InstanceState,
  LaunchFailure,
  type LaunchRequest,
} from '../fleet/index.ts';
import type { Address, TargetAddresses } from '../load-balancer/index.ts';
import { LABEL } from '../host/index.ts';
import { readConsole } from './console.ts';
import {
  containersOf,
  docker,
  DockerError,
  engineSocket,
  INSTANCE_LABEL,
  inspectContainer,
  watchDeaths,
  type ContainerDetails,
} from './docker-client.ts';
import { MetadataService, type InstanceFacts } from './metadata.ts';
import { listenForward, listenMetadata, type Close } from './sockets.ts';

export interface DockerDriverOptions {
  /** The instance image, see image.ts. */
  image: string;
  /** The user network, which must exist. */
  network: string;
  /** The gateway's port: the AWS endpoint inside the instances, and the value of the containers' label. */
  gatewayPort: number;
  region: string;
  accountId: string;
  /** The role of an instance profile, by name or ARN; undefined where there is none. */
  roleOf: (profile: string) => Promise<string | undefined>;
  log?: (line: string) => void;
}

export interface DockerDriver extends InstanceDriver, TargetAddresses {
  knows(instanceId: string): boolean;
}

/** EC2's words for an instance profile that is not there, or not yet. */
const noSuchProfile = (name: string): string =>
  `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name. Launching EC2 instance failed.`;

/** How long an ended instance and its console are remembered. */
const REMEMBERED_MS = 3_600_000;

interface Instance {
  request: LaunchRequest;
  state: InstanceState;
  folder: string;
  launching: Promise<void>;
  terminating?: Promise<void>;
  details?: ContainerDetails;
  /** Set when the container is gone. */
  lastConsole?: string;
  endedAt?: number;
  listeners: Close[];
}

/** The instance's container. */
export const containerName = (instanceId: string): string => `asg-local-${instanceId}`;

class Driver implements DockerDriver {
  readonly #options: DockerDriverOptions;
  readonly #socket: string;
  readonly #folder: string;
  readonly #instances = new Map<string, Instance>();
  readonly #stopWatching: () => void;
  #closed = false;

  constructor(options: DockerDriverOptions, socket: string) {
    this.#options = options;
    this.#socket = socket;
    // Short, because a unix socket's path may have 107 characters. The port can be only one run's, so what lies
    // there is left from one that was killed; somebody else's can be neither removed nor taken over.
    this.#folder = join(tmpdir(), `asg-local-${options.gatewayPort}`);
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { mode: 0o700 });
    this.#stopWatching = watchDeaths(socket, `${LABEL}=${options.gatewayPort}`, (name) => {
      this.#died(name);
    });
  }

  async launch(request: LaunchRequest): Promise<void> {
    const { instanceId } = request;
    const folder = join(this.#folder, instanceId);
    const instance: Instance = {
      request,
      state: 'pending',
      folder,
      launching: Promise.resolve(),
      listeners: [],
    };
    this.#forget();
    this.#instances.set(instanceId, instance);
    instance.launching = this.#start(instance);
    try {
      await instance.launching;
    } catch (error) {
      await this.#clear(instance);
      if (error instanceof LaunchFailure) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log?.(`instance ${instanceId} did not start: ${reason}`);
      throw new LaunchFailure(
        `Client.InternalError: Client error on launch (${reason.split('\n')[0] ?? ''}).`,
      );
    }
  }

  async #start(instance: Instance): Promise<void> {
    const { request, folder } = instance;
    const { image, network, gatewayPort } = this.#options;
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'user-data'), request.template.userData);
    writeFileSync(join(folder, 'console.log'), '');
    const service = new MetadataService(await this.#facts(request));
    instance.listeners.push(
      await listenMetadata(join(folder, 'imds.sock'), service),
      await listenForward(join(folder, 'aws.sock'), gatewayPort),
    );
    const ports = [...new Set(request.targetPorts)];
    await docker(
      ...['run', '--detach', '--name', containerName(request.instanceId), '--network', network],
      ...['--hostname', `ip-${request.privateIpAddress.replaceAll('.', '-')}`],
      ...['--label', `${LABEL}=${gatewayPort}`, '--label', `${INSTANCE_LABEL}.host=${request.instanceId}`],
      // For the metadata address on the loopback device and the forwarding of published ports, both in its own
      // network namespace.
      ...['--cap-add', 'NET_ADMIN', '--log-driver', 'json-file', '--log-opt', 'max-size=1m'],
      ...['--env', `ASG_LOCAL_INSTANCE=${request.instanceId}`, '--env', `ASG_LOCAL_OWNER=${gatewayPort}`],
      ...['--env', `ASG_LOCAL_AWS_PORT=${gatewayPort}`, '--volume', `${folder}:/run/asg-local`],
      ...['--volume', `${this.#socket}:/var/run/docker.sock`],
      ...ports.flatMap((port) => ['--publish', `127.0.0.1::${port}`]),
      image,
    );
    instance.details = await inspectContainer(containerName(request.instanceId));
    if (instance.state === 'pending') instance.state = 'running';
  }

  async #facts(request: LaunchRequest): Promise<InstanceFacts> {
    const { region, accountId, roleOf } = this.#options;
    const { template, instanceId, availabilityZone, privateIpAddress } = request;
    const profile = template.instanceProfile;
    const profileName = profile?.split('/').at(-1);
    const role = profile === undefined ? undefined : await roleOf(profile);
    if (profile !== undefined && role === undefined)
      throw new LaunchFailure(noSuchProfile(profileName ?? ''));
    return {
      ...{ instanceId, accountId, region, availabilityZone, privateIpAddress, launchedAt: Date.now() },
      ...{ imageId: template.imageId, instanceType: template.instanceType, userData: template.userData },
      tags: request.tags ?? {},
      ...(role !== undefined && {
        role: { name: role, profileArn: `arn:aws:iam::${accountId}:instance-profile/${profileName ?? ''}` },
      }),
    };
  }

  terminate(instanceId: string): Promise<void> {
    const instance = this.#instances.get(instanceId);
    if (instance === undefined) return Promise.resolve();
    instance.terminating ??= this.#terminate(instance);
    return instance.terminating;
  }

  async #terminate(instance: Instance): Promise<void> {
    const { instanceId } = instance.request;
    if (instance.state === 'terminated') return;
    await instance.launching.catch(() => undefined);
    instance.state = 'shutting-down';
    const name = containerName(instanceId);
    try {
      // Each container has the stop timeout that user data gave it; the instance goes after the last of them.
      const containers = await this.#containersOn(instanceId);
      if (containers.length > 0) await docker('stop', ...containers);
      await docker('stop', '--time', '10', name);
    } catch (error) {
      // What is gone already needs no stopping; anything else is removed the hard way below.
      if (!(error instanceof DockerError)) throw error;
    }
    await this.#clear(instance);
  }

  #containersOn(instanceId: string): Promise<string[]> {
    return containersOf(`${LABEL}=${this.#options.gatewayPort}`, `${INSTANCE_LABEL}=${instanceId}`);
  }

  /** Removes whatever is left of an instance, and keeps its console. */
  async #clear(instance: Instance): Promise<void> {
    const { instanceId } = instance.request;
    await removeContainers([containerName(instanceId)]);
    await removeContainers(await this.#containersOn(instanceId).catch(() => []));
    await removeVolumes(`${containerName(instanceId)}-`);
    await this.#release(instance);
    instance.state = 'terminated';
  }

  async #release(instance: Instance): Promise<void> {
    instance.lastConsole ??= readConsole(join(instance.folder, 'console.log'));
    instance.endedAt ??= Date.now();
    await Promise.all(instance.listeners.splice(0).map((close) => close()));
    rmSync(instance.folder, { recursive: true, force: true });
  }

  /** An instance that ended by itself (it powered off, or its container was killed) is stopped, not terminated. */
  #died(name: string): void {
    const instance = [...this.#instances.values()].find(
      ({ request }) => containerName(request.instanceId) === name,
    );
    if (instance === undefined || this.#closed) return;
    if (instance.state !== 'running' && instance.state !== 'pending') return;
    instance.state = 'stopped';
    this.#options.log?.(`instance ${instance.request.instanceId} powered off`);
    this.#containersOn(instance.request.instanceId)
      .then(removeContainers)
      .catch(() => undefined);
  }

  describe(instanceId: string): { state: InstanceState } | undefined {
    const instance = this.#instances.get(instanceId);
    return instance && { state: instance.state };
  }

  console(instanceId: string): string {
    const instance = this.#instances.get(instanceId);
    return instance === undefined
      ? ''
      : (instance.lastConsole ?? readConsole(join(instance.folder, 'console.log')));
  }

  knows(instanceId: string): boolean {
    const state = this.#instances.get(instanceId)?.state;
    return state === 'pending' || state === 'running';
  }

  resolve(instanceId: string, port: number): Address | undefined {
    const details = this.#instances.get(instanceId)?.details;
    if (details === undefined || this.unusableState(instanceId) !== undefined) return undefined;
    const published = details.ports.get(port);
    if (published !== undefined) return { host: '127.0.0.1', port: published };
    // A target group that was attached after the launch: on Linux the engine's bridge is within reach.
    return { host: details.ipAddress, port };
  }

  zone(instanceId: string): string | undefined {
    return this.#instances.get(instanceId)?.request.availabilityZone;
  }

  unusableState(instanceId: string): string | undefined {
    const state = this.#instances.get(instanceId)?.state;
    return state === 'stopped' || state === 'terminated' ? state : undefined;
  }

  #forget(): void {
    const before = Date.now() - REMEMBERED_MS;
    for (const [id, { state, endedAt }] of this.#instances)
      if (state === 'terminated' && endedAt !== undefined && endedAt < before) this.#instances.delete(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopWatching();
    const instances = [...this.#instances.values()];
    await Promise.all(instances.map(({ launching }) => launching.catch(() => undefined)));
    await Promise.all(
      instances.filter(({ state }) => state !== 'terminated').map((instance) => this.#clear(instance)),
    );
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function removeContainers(containers: string[]): Promise<void> {
  if (containers.length === 0) return;
  await docker('rm', '--force', '--volumes', ...containers).catch((error: unknown) => {
    if (!/no such container/i.test(String(error))) throw error;
  });
}

async function removeVolumes(prefix: string): Promise<void> {
  const output = await docker('volume', 'ls', '--quiet', '--filter', `name=${prefix}`);
  const volumes = output.split('\n').filter((name) => name.startsWith(prefix));
  if (volumes.length > 0) await docker('volume', 'rm', '--force', ...volumes);
}

/** Rejects with a DockerError when there is no engine on this machine. */
export async function createDockerDriver(options: DockerDriverOptions): Promise<DockerDriver> {
  return new Driver(options, await engineSocket());
}
