/** The AWS SDK against the real gateway: what it sends is understood, what is answered it can read. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import {
  AutoScalingClient,
  type AutoScalingGroup,
  type CreateAutoScalingGroupCommandInput,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { CallLog } from '../../../local-cloud/gateway/calls.ts';
import { Faults } from '../../../local-cloud/gateway/faults.ts';
import { createUpstream } from '../../../local-cloud/gateway/forward.ts';
import { type Gateway, startGateway } from '../../../local-cloud/gateway/server.ts';
import { createModels } from '../../../local-cloud/model/index.ts';
import { template, World } from './fleet.ts';
import { models } from './service-model.ts';

export const shop = { AutoScalingGroupName: 'shop' };
export const minimal: CreateAutoScalingGroupCommandInput = {
  ...shop,
  MinSize: 0,
  MaxSize: 2,
  LaunchTemplate: { LaunchTemplateId: template, Version: '1' },
  AvailabilityZones: ['eu-north-1a'],
};

/** A gateway for all tests of a file, and an empty fleet behind it for each. */
export class FleetApi {
  /** Anew for each test. */
  world = new World();
  #gateway: Gateway | undefined;
  #clients: AutoScalingClient[] = [];

  constructor() {
    beforeAll(async () => {
      this.#gateway = await startGateway({
        ...{ port: 0, region: 'eu-north-1', accountId: '123456789012', upstream: createUpstream(9) },
        routes: () => ({ services: { autoscaling: this.world.simulated.fleet.service }, filters: [] }),
        control: () => Promise.resolve({ status: 404, headers: {}, body: '' }),
        ...{ calls: new CallLog(), faults: new Faults(), log: () => undefined },
        ...(models !== undefined && { models: createModels(models) }),
      });
    });
    beforeEach(() => {
      this.world = new World();
    });
    afterAll(async () => {
      for (const client of this.#clients) client.destroy();
      await this.#gateway?.close();
    });
  }

  /** A client that does not try twice. To be asked for once the tests run. */
  client(region = 'eu-north-1'): AutoScalingClient {
    const client = new AutoScalingClient({
      endpoint: `http://127.0.0.1:${this.#gateway?.port ?? 0}`,
      region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local-cloud' },
      maxAttempts: 1,
    });
    this.#clients.push(client);
    return client;
  }
}

/** The group `shop`, when it is there. */
export async function groups(client: AutoScalingClient): Promise<AutoScalingGroup[]> {
  const described = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['shop'] }),
  );
  return described.AutoScalingGroups ?? [];
}

/** `name: message` of the error, and its HTTP status. */
export async function failure(sending: Promise<unknown>): Promise<[string, number | undefined]> {
  try {
    await sending;
  } catch (error) {
    if (error instanceof Error) {
      const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
      return [`${error.name}: ${error.message}`, $metadata?.httpStatusCode];
    }
  }
  throw new Error('it did not fail');
}
