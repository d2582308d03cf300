/** The few things that are asked of Docker for instances. */
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { lastLines, runCommand } from '../host/index.ts';

/** On an instance's containers: the instance's id. */
export const INSTANCE_LABEL = 'asg-deploy.local-cloud.instance';

/** Docker said no; the message is what it said. */
export class DockerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DockerError';
  }
}

/** Runs `docker` and gives its output. Rejects with a DockerError. */
export async function docker(...parameters: string[]): Promise<string> {
  const result = await runCommand('docker', parameters);
  if (result.exitCode !== 0) throw new DockerError(lastLines(result, 4));
  return result.stdout.trim();
}

/** Containers by labels (all must hold), running or not. */
export async function containersOf(...labels: string[]): Promise<string[]> {
  const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
  const output = await docker('ps', '--all', '--quiet', '--no-trunc', ...filters);
  return output.split('\n').filter((id) => id !== '');
}

/** Where the engine listens. Rejects with a DockerError when that is not a unix socket. */
export async function engineSocket(): Promise<string> {
  const host = await docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}');
  if (!host.startsWith('unix://'))
    throw new DockerError(`the Docker engine is at ${host}, not on this machine`);
  return host.slice('unix://'.length);
}

export interface ContainerDetails {
  running: boolean;
  ipAddress: string;
  /** Container port to port on 127.0.0.1. */
  ports: Map<number, number>;
}

interface Inspected {
  State: { Running: boolean };
  NetworkSettings: {
    Networks: Record<string, { IPAddress: string }>;
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
  };
}

/** Rejects with a DockerError when there is no such container. */
export async function inspectContainer(container: string): Promise<ContainerDetails> {
  const [found] = JSON.parse(await docker('container', 'inspect', container)) as [Inspected];
  const { Networks, Ports } = found.NetworkSettings;
  const ports = new Map<number, number>();
  for (const [port, bindings] of Object.entries(Ports ?? {})) {
    const binding = bindings?.[0];
    if (binding !== undefined) ports.set(Number(port.split('/')[0]), Number(binding.HostPort));
  }
  return {
    running: found.State.Running,
    ipAddress: Object.values(Networks)[0]?.IPAddress ?? '',
    ports,
  };
}

/**
 * Tells of containers that end, from the engine's event stream; a stream that breaks is opened again.
 * @param label  only containers with this label
 * @param onDeath gets the container's name
 * @returns what ends it
 */
export function watchDeaths(socketPath: string, label: string, onDeath: (name: string) => void): () => void {
  const filters = JSON.stringify({ type: ['container'], event: ['die'], label: [label] });
  let open = true;
  let current: ReturnType<typeof request> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    if (!open) return;
    clearTimeout(timer);
    timer = setTimeout(start, 1000);
  };
  const start = (): void => {
    current = request({ socketPath, path: `/events?filters=${encodeURIComponent(filters)}` }, (response) => {
      const lines = createInterface({ input: response });
      // readline passes the stream's errors on, and a stream that is cut has one.
      lines.on('error', again);
      lines.on('line', (line) => {
        const event = JSON.parse(line) as { Actor?: { Attributes?: { name?: string } } };
        const name = event.Actor?.Attributes?.name;
        if (name !== undefined) onDeath(name);
      });
      response.once('close', again);
      response.on('error', again);
    });
    current.on('error', again);
    current.end();
  };
  start();
  return () => {
    open = false;
    clearTimeout(timer);
    current?.destroy();
  };
}
