/** A load balancer with real targets, for tests. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  Configuration,
  ConfigurationSource,
  TargetGroupConfiguration,
} from '../../../local-cloud/load-balancer/configuration.ts';
import {
  createLoadBalancers,
  type LoadBalancers,
} from '../../../local-cloud/load-balancer/load-balancers.ts';

export const ARN = 'arn:tg/web';

export function targetGroup(over: Partial<TargetGroupConfiguration> = {}): TargetGroupConfiguration {
  return {
    arn: ARN,
    name: 'web',
    targetType: 'instance',
    protocol: 'HTTP',
    port: 80,
    healthCheck: {
      enabled: true,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/healthz',
      // The API knows whole seconds from 5; tests have no time for that.
      intervalSeconds: 0.05,
      timeoutSeconds: 60,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    deregistrationDelaySeconds: 600,
    ...over,
  };
}

export function configuration(groups = [targetGroup()]): Configuration {
  return {
    loadBalancers: [
      {
        arn: 'arn:lb/one',
        name: 'one',
        dnsName: 'one-1.eu-north-1.elb.amazonaws.com',
        idleTimeoutSeconds: 60,
        zones: ['eu-north-1a', 'eu-north-1b', 'eu-north-1c'],
        listeners: [
          {
            arn: 'arn:listener/one',
            port: 80,
            rules: [
              {
                priority: Infinity,
                conditions: [],
                action: { type: 'forward', targetGroups: groups.map(({ arn }) => ({ arn, weight: 1 })) },
              },
            ],
          },
        ],
      },
    ],
    targetGroups: groups,
  };
}

type Handler = Parameters<typeof createServer>[1];

/** One load balancer; instances are servers of this process. */
export class Cloud {
  current: Configuration;
  readonly servers = new Map<string, Server>();
  readonly states = new Map<string, string>();
  readonly balancers: LoadBalancers;

  constructor(start: Configuration = configuration(), firstPort = 18_080) {
    this.current = start;
    const source: ConfigurationSource = { read: async () => this.current };
    const addresses = {
      resolve: (instanceId: string) => {
        const address = this.servers.get(instanceId)?.address() as AddressInfo | null | undefined;
        return address ? { host: '127.0.0.1', port: address.port } : undefined;
      },
      unusableState: (instanceId: string) => this.states.get(instanceId),
      knows: (instanceId: string) => this.servers.has(instanceId),
    };
    this.balancers = createLoadBalancers({ source, addresses, firstPort });
  }

  async instance(instanceId: string, handler: Handler): Promise<Server> {
    const server = createServer(handler);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    this.servers.set(instanceId, server);
    return server;
  }

  get url(): string {
    return `http://${this.balancers.addresses()[0]?.address ?? ''}`;
  }

  targetStates(arn = ARN): Record<string, string> {
    return Object.fromEntries(
      this.balancers.registry.health(arn).map(({ instanceId, state }) => [instanceId, state]),
    );
  }

  /** Waits until a target has the state; undefined: until it is gone. */
  async until(instanceId: string, state: string | undefined, patience = 50_000): Promise<void> {
    const deadline = Date.now() + patience;
    while (this.targetStates()[instanceId] !== state) {
      if (Date.now() > deadline)
        throw new Error(
          `${instanceId} is ${this.targetStates()[instanceId] ?? 'gone'}, not ${state ?? 'gone'}`,
        );
      await pause(10);
    }
  }

  async close(): Promise<void> {
    await this.balancers.close();
    for (const server of this.servers.values()) {
      server.closeAllConnections();
      server.close();
    }
  }
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** Answers its name, and healthy. */
export const named =
  (name: string): Handler =>
  (_, response) => {
    response.end(name);
  };
