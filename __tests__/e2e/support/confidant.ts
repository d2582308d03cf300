import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { text } from 'node:stream/consumers';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';
import { watch } from './watch.ts';

/** A text that nothing else holds, with what has to be escaped somewhere. */
export const canary = (length = 20): string =>
  `${randomBytes(length).toString('base64url')}/+${randomBytes(length).toString('base64url')}=`;

export interface Listening {
  address: string;
  /** What was sent to it. */
  bodies: string[];
  close: () => void;
}

/** A server that answers as told and keeps what it was sent. */
async function listen(answer: RequestListener): Promise<Listening> {
  const bodies: string[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, bodies, close: () => void server.close() };
}

/** Whoever is told how a run ended. */
export const startWebhook = (): Promise<Listening> => listen((_request, response) => response.end('ok'));

/** GitHub's token service, which gives tokens to whoever has the request token, and knows what it gave. */
export async function startTokens(
  requestToken: string,
  tokenOf: (audience: string) => Promise<string>,
): Promise<Listening & { given: string[] }> {
  const given: string[] = [];
  const service = await listen((request, response) => {
    const audience = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('audience') ?? '';
    if (request.headers.authorization !== `Bearer ${requestToken}`) {
      response.writeHead(401).end('{}');
      return;
    }
    void tokenOf(audience).then((value) => {
      given.push(value);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
    });
  });
  return { ...service, given };
}

/** Sees the keys that open previews, as who may read the load balancer's rules does. */
export class PreviewKeys {
  readonly seen = new Set<string>();
  readonly #balancing: ElasticLoadBalancingV2Client;
  readonly #endWatch: () => Promise<void>;

  private constructor(cloud: CloudDescription) {
    this.#balancing = new ElasticLoadBalancingV2Client(clientConfiguration(cloud));
    this.#endWatch = watch(() => this.#look().catch(() => undefined), 250);
  }

  static begin(cloud: CloudDescription): PreviewKeys {
    return new PreviewKeys(cloud);
  }

  async end(): Promise<void> {
    await this.#endWatch();
    this.#balancing.destroy();
  }

  async #look(): Promise<void> {
    const { LoadBalancers = [] } = await this.#balancing.send(new DescribeLoadBalancersCommand({}));
    for (const { LoadBalancerArn } of LoadBalancers) {
      const { Listeners = [] } = await this.#balancing.send(
        new DescribeListenersCommand({ LoadBalancerArn }),
      );
      for (const { ListenerArn } of Listeners) {
        const { Rules = [] } = await this.#balancing.send(new DescribeRulesCommand({ ListenerArn }));
        const values = Rules.flatMap(({ Conditions = [] }) =>
          Conditions.flatMap(({ HttpHeaderConfig }) => HttpHeaderConfig?.Values ?? []),
        );
        for (const value of values) if (/^[0-9a-f]{32,}$/.test(value)) this.seen.add(value);
      }
    }
  }
}
