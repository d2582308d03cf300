import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect, createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ARN, Cloud, configuration, named, pause, targetGroup } from '../helpers/load-balancer.ts';

let cloud: Cloud;

afterEach(async () => {
  await cloud.close();
});

async function started(start = configuration()): Promise<Cloud> {
  cloud = new Cloud(start);
  await cloud.balancers.sync();
  return cloud;
}

async function withTarget(
  handler: Parameters<Cloud['instance']>[1],
  start = configuration(),
): Promise<Cloud> {
  await started(start);
  await cloud.instance('i-1', handler);
  cloud.balancers.registry.register(ARN, 'i-1');
  await cloud.until('i-1', 'healthy');
  return cloud;
}

describe('a load balancer', () => {
  it('sends requests to its healthy targets in turn', async () => {
    await withTarget(named('a'));
    await cloud.instance('i-2', named('b'));
    cloud.balancers.registry.register(ARN, 'i-2');
    await cloud.until('i-2', 'healthy');
    const answers: string[] = [];
    for (let sent = 0; sent < 10; sent += 1) answers.push(await (await fetch(cloud.url)).text());
    expect(answers.filter((answer) => answer === 'a')).toHaveLength(5);
  });

  it('tells the target where a request came from, and keeps path, query, host and repeated headers', async () => {
    await withTarget((request, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.end(JSON.stringify({ url: request.url, headers: request.headers }));
    });
    const response = await fetch(`${cloud.url}/p%20q?x=1&x=2`, {
      headers: { 'x-forwarded-for': '203.0.113.9', connection: 'keep-alive' },
    });
    const seen = (await response.json()) as { url: string; headers: Record<string, string> };
    expect(seen.url).toBe('/p%20q?x=1&x=2');
    expect(seen.headers).toMatchObject({
      host: cloud.url.slice('http://'.length),
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
    });
    expect(seen.headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('passes large bodies both ways, with and without a length', async () => {
    await withTarget((request, response) => {
      const hash = createHash('sha256');
      request.on('data', (chunk: Buffer) => hash.update(chunk));
      request.on('end', () => response.end(hash.digest('hex')));
    });
    const body = randomBytes(3_000_000);
    const expected = createHash('sha256').update(body).digest('hex');
    const whole = await fetch(cloud.url, { method: 'POST', body });
    expect(await whole.text()).toBe(expected);
    const chunked = await fetch(cloud.url, {
      method: 'PUT',
      body: new ReadableStream({
        start(controller) {
          for (let at = 0; at < body.length; at += 100_000)
            controller.enqueue(body.subarray(at, at + 100_000));
          controller.close();
        },
      }),
      duplex: 'half',
    });
    expect(await chunked.text()).toBe(expected);
  });

  it('streams: the first part of an answer comes before the last is written', async () => {
    let finish: (() => void) | undefined;
    await withTarget((request, response) => {
      if (request.url === '/healthz') return response.end();
      response.write('first');
      finish = () => response.end('last');
      return undefined;
    });
    const response = await fetch(`${cloud.url}/stream`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('first');
    finish?.();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('last');
  });

  it('passes WebSocket upgrades through', async () => {
    await withTarget(named('a'));
    cloud.servers.get('i-1')?.on('upgrade', (request, socket: Socket, head: Buffer) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`,
      );
      socket.write(head);
      socket.pipe(socket);
    });
    const port = Number(new URL(cloud.url).port);
    const socket = connect(port, '127.0.0.1');
    const received: string[] = [];
    socket.on('data', (chunk) => received.push(chunk.toString()));
    socket.write(`GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    while (!received.join('').includes('\r\n\r\n')) await pause(10);
    expect(received.join('')).toMatch(/^HTTP\/1.1 101 [^]*upgrade: websocket/i);
    socket.write('ping');
    while (!received.join('').endsWith('ping')) await pause(10);
    socket.destroy();
  });
});

describe('answers of its own', () => {
  it('503 without targets', async () => {
    await started();
    const response = await fetch(cloud.url);
    expect(response.status).toBe(503);
    expect(response.headers.get('server')).toBe('awselb/2.0');
    expect(await response.text()).toContain('<h1>503 Service Temporarily Unavailable</h1>');
  });

  it('502 when the target cuts the connection, and POST is not sent twice', async () => {
    let posts = 0;
    await withTarget((request, response) => {
      if (request.url === '/healthz') return response.end();
      posts += 1;
      request.socket.destroy();
      return undefined;
    });
    const response = await fetch(`${cloud.url}/boom`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(502);
    expect(posts).toBe(1);
  });

  it('504 when the target says nothing for the idle timeout', async () => {
    const slow = configuration();
    const [balancer] = slow.loadBalancers;
    if (balancer !== undefined) balancer.idleTimeoutSeconds = 0.2;
    await withTarget((request, response) => {
      if (request.url === '/healthz') response.end();
    }, slow);
    expect((await fetch(`${cloud.url}/slow`)).status).toBe(504);
  });

  it('fixed responses and redirects', async () => {
    const rules = configuration();
    const listener = rules.loadBalancers[0]?.listeners[0];
    listener?.rules.push(
      {
        priority: 1,
        conditions: [{ field: 'path-pattern', values: ['/closed'] }],
        action: { type: 'fixed-response', status: 410, contentType: 'text/plain', body: 'gone' },
      },
      {
        priority: 2,
        conditions: [{ field: 'path-pattern', values: ['/old/*'] }],
        action: {
          type: 'redirect',
          status: 301,
          protocol: '#{protocol}',
          host: '#{host}',
          port: '8081',
          path: '/new',
          query: '#{query}',
        },
      },
    );
    await started(rules);
    const closed = await fetch(`${cloud.url}/closed`);
    expect([closed.status, await closed.text()]).toEqual([410, 'gone']);
    const moved = await fetch(`${cloud.url}/old/x?a=1`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([301, 'http://127.0.0.1:8081/new?a=1']);
  });

  it('fails open when no target is healthy', async () => {
    await started();
    await cloud.instance('i-1', (request, response) => {
      response.statusCode = request.url === '/healthz' ? 503 : 200;
      response.end('still here');
    });
    cloud.balancers.registry.register(ARN, 'i-1');
    await cloud.until('i-1', 'unhealthy');
    expect(cloud.balancers.registry.health(ARN)[0]).toMatchObject({
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [503]',
    });
    expect(await (await fetch(cloud.url)).text()).toBe('still here');
  });
});

describe('health', () => {
  it('tells a refused connection', async () => {
    await started(configuration());
    const refused = await cloud.instance('i-refused', named(''));
    const port = (refused.address() as AddressInfo).port;
    refused.close();
    cloud.servers.set('i-refused', {
      address: () => ({ port }),
      closeAllConnections: () => undefined,
      close: () => undefined,
    } as never);
    cloud.balancers.registry.register(ARN, 'i-refused');
    await cloud.until('i-refused', 'unhealthy');
    expect(cloud.balancers.registry.health(ARN)).toMatchObject([
      { reason: 'Target.FailedHealthChecks', description: 'Health checks failed' },
    ]);
  });

  it('tells an answer that does not come', async () => {
    await started(
      configuration([targetGroup({ healthCheck: { ...targetGroup().healthCheck, timeoutSeconds: 0.1 } })]),
    );
    await cloud.instance('i-slow', () => undefined);
    cloud.balancers.registry.register(ARN, 'i-slow');
    await cloud.until('i-slow', 'unhealthy');
    expect(cloud.balancers.registry.health(ARN)).toMatchObject([
      { reason: 'Target.Timeout', description: 'Request timed out' },
    ]);
  });

  it('is not checked while no listener forwards to the group, and is once one does', async () => {
    const before = configuration();
    before.loadBalancers = [];
    await started(before);
    await cloud.instance('i-1', named('a'));
    cloud.balancers.registry.register(ARN, 'i-1');
    await pause(150);
    expect(cloud.balancers.registry.health(ARN)[0]).toMatchObject({
      state: 'unused',
      reason: 'Target.NotInUse',
    });
    cloud.current = configuration();
    await cloud.balancers.sync();
    await cloud.until('i-1', 'healthy');
    cloud.states.set('i-1', 'stopped');
    expect(cloud.balancers.registry.health(ARN)[0]).toMatchObject({
      state: 'unused',
      reason: 'Target.InvalidState',
    });
  });
});

describe('addresses', () => {
  it('stand in for the DNS names in answers, keep their port, and end with the load balancer', async () => {
    const blocker = createNetServer();
    await new Promise<void>((resolve) => {
      blocker.listen(0, '127.0.0.1', resolve);
    });
    const taken = (blocker.address() as AddressInfo).port;
    cloud = new Cloud(configuration(), taken);
    await cloud.balancers.sync();
    const url = cloud.url;
    const address = new URL(url).host;
    expect(Number(new URL(url).port)).toBeGreaterThan(taken);
    expect(cloud.balancers.rewrite('<DNSName>one-1.eu-north-1.elb.amazonaws.com</DNSName>')).toBe(
      `<DNSName>${address}</DNSName>`,
    );
    blocker.close();
    await Promise.all([cloud.balancers.sync(), cloud.balancers.sync(), cloud.balancers.sync()]);
    expect(cloud.url).toBe(url);
    cloud.current = { loadBalancers: [], targetGroups: [] };
    await cloud.balancers.sync();
    expect(cloud.balancers.addresses()).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('draining', () => {
  it('lets a long request finish, takes no new one, and is over with the last', async () => {
    let end = (): void => undefined;
    await withTarget((request, response) => {
      if (request.url !== '/long') return response.end('short');
      response.write('begun ');
      end = () => response.end('and done');
      return undefined;
    });
    const long = await fetch(`${cloud.url}/long`);
    cloud.balancers.registry.deregister(ARN, 'i-1');
    expect(cloud.targetStates()).toEqual({ 'i-1': 'draining' });
    expect((await fetch(cloud.url)).status).toBe(503);
    end();
    expect(await long.text()).toBe('begun and done');
    await cloud.until('i-1', undefined);
  });

  it('cuts what is still in flight when the delay is over', async () => {
    let ask = (): void => undefined;
    const asked = new Promise<void>((resolve) => (ask = resolve));
    await withTarget(
      (request, response) => {
        if (request.url === '/healthz') response.end();
        else ask();
      },
      configuration([targetGroup({ deregistrationDelaySeconds: 0.2 })]),
    );
    const hanging = fetch(`${cloud.url}/hang`);
    await asked;
    cloud.balancers.registry.deregister(ARN, 'i-1');
    expect((await hanging).status).toBe(502);
    expect(cloud.targetStates()).toEqual({});
  });

  it('starts over when the target is registered again', async () => {
    let ask: (response: ServerResponse) => void = () => undefined;
    const asked = new Promise<ServerResponse>((resolve) => (ask = resolve));
    await withTarget((request, response) => {
      if (request.url === '/healthz') response.end();
      else ask(response);
    });
    const pending = fetch(`${cloud.url}/x`);
    const response = await asked;
    cloud.balancers.registry.deregister(ARN, 'i-1');
    cloud.balancers.registry.register(ARN, 'i-1');
    await cloud.until('i-1', 'healthy');
    response.end('done');
    expect(await (await pending).text()).toBe('done');
  });
});

describe('under load', () => {
  it('fails no request, GET or POST, while every target is replaced again and again', async () => {
    await withTarget((request, response) => {
      request.resume();
      request.on('end', () => response.end('ok'));
    });
    const counts = { sent: 0, failed: 0 };
    let going = true;
    const client = async (method: string): Promise<void> => {
      while (going) {
        counts.sent += 1;
        try {
          const response = await fetch(cloud.url, {
            method,
            ...(method === 'POST' && { body: 'x'.repeat(2000) }),
          });
          if (response.status !== 200 || (await response.text()) !== 'ok') counts.failed += 1;
        } catch {
          counts.failed += 1;
        }
      }
    };
    const clients = ['GET', 'GET', 'GET', 'POST', 'POST', 'GET', 'GET', 'GET'].map(client);
    for (let round = 2; round < 30; round += 1) {
      await cloud.instance(`i-${round}`, (request, response) => {
        request.resume();
        request.on('end', () => setTimeout(() => response.end('ok'), round % 3));
      });
      cloud.balancers.registry.register(ARN, `i-${round}`);
      await cloud.until(`i-${round}`, 'healthy');
      const old = `i-${round - 1}`;
      cloud.balancers.registry.deregister(ARN, old);
      await cloud.until(old, undefined);
      const server = cloud.servers.get(old);
      // What a container does that is told to stop.
      server?.close();
      server?.closeAllConnections();
    }
    going = false;
    await Promise.all(clients);
    expect(counts.failed).toBe(0);
    expect(counts.sent).toBeGreaterThan(200);
  });

  it('survives a target that closes idle connections as requests come in', async () => {
    await withTarget(named('ok'));
    const server = cloud.servers.get('i-1');
    const counts = { sent: 0, failed: 0 };
    const until = Date.now() + 1000;
    const closer = setInterval(() => server?.closeIdleConnections(), 1);
    await Promise.all(
      [1, 2, 3, 4].map(async () => {
        while (Date.now() < until) {
          counts.sent += 1;
          const response = await fetch(cloud.url);
          if ((await response.text()) !== 'ok') counts.failed += 1;
        }
      }),
    );
    clearInterval(closer);
    expect(counts).toMatchObject({ failed: 0 });
  });
});

describe('a busy machine', () => {
  it('fails no request because connecting takes longer than an idle connection is kept', async () => {
    const healthCheck = { ...targetGroup().healthCheck, intervalSeconds: 60 };
    await withTarget(named('a'), configuration([targetGroup({ healthCheck })]));
    const server = cloud.servers.get('i-1');
    if (server === undefined) throw new Error('there is no i-1');
    const address = server.address.bind(server);
    // Asked for right before the load balancer connects, which then hears of nothing for a while.
    server.address = () => {
      setImmediate(() => {
        const until = performance.now() + 1100;
        while (performance.now() < until);
      });
      return address();
    };
    const answer = await fetch(cloud.url);
    expect([answer.status, await answer.text()]).toEqual([200, 'a']);
  });
});

describe('clients that go away', () => {
  it('end the request at the target too', async () => {
    let ask: (response: ServerResponse) => void = () => undefined;
    const asked = new Promise<ServerResponse>((resolve) => (ask = resolve));
    await withTarget((request, response) => {
      if (request.url === '/healthz') response.end();
      else ask(response);
    });
    const request = httpRequest(`${cloud.url}/x`).on('error', () => undefined);
    request.end();
    const closed = once(await asked, 'close');
    request.destroy();
    await closed;
  });
});

describe('weights of two target groups', () => {
  /** The first target group has a target that answers `blue`; the second one `green`, or none. */
  async function weighted(
    weights: [number, number],
    { green = true, stickySeconds = 0 } = {},
  ): Promise<void> {
    const groups = ['tg/blue', 'tg/green'].map((arn) => targetGroup({ arn }));
    const start = configuration(groups);
    const targetGroups = groups.map(({ arn }, index) => ({ arn, weight: weights[index] ?? 0 }));
    for (const rule of start.loadBalancers.flatMap(({ listeners }) =>
      listeners.flatMap(({ rules }) => rules),
    ))
      rule.action = { type: 'forward', targetGroups, ...(stickySeconds > 0 && { stickySeconds }) };
    await started(start);
    for (const name of green ? ['blue', 'green'] : ['blue']) {
      await cloud.instance(`i-${name}`, named(name));
      cloud.balancers.registry.register(`tg/${name}`, `i-${name}`);
      while (cloud.targetStates(`tg/${name}`)[`i-${name}`] !== 'healthy') await pause(10);
    }
  }

  async function ask(times: number): Promise<Record<string, number>> {
    const seen: Record<string, number> = {};
    for (let sent = 0; sent < times; sent += 1) {
      const answer = await fetch(cloud.url);
      const text = await answer.text();
      const what = answer.ok ? text : String(answer.status);
      seen[what] = (seen[what] ?? 0) + 1;
    }
    return seen;
  }

  it('split requests, and check the health of targets with weight 0 too', async () => {
    await weighted([100, 0]);
    expect(await ask(50)).toEqual({ blue: 50 });
  });

  it('lose the share of a group without targets, and never fail over', async () => {
    await weighted([50, 50], { green: false });
    const seen = await ask(200);
    // Six standard deviations.
    expect(Math.abs((seen['503'] ?? 0) - 100)).toBeLessThan(43);
    expect((seen.blue ?? 0) + (seen['503'] ?? 0)).toBe(200);
  });

  it('bind a client that is to stay, whatever they are', async () => {
    await weighted([0, 100], { stickySeconds: 60 });
    const first = await fetch(cloud.url);
    expect(await first.text()).toBe('green');
    const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const [action] = cloud.current.loadBalancers.flatMap(({ listeners }) =>
      listeners.flatMap(({ rules }) => rules.map((rule) => rule.action)),
    );
    if (action?.type === 'forward')
      action.targetGroups.reverse().forEach((group, index) => (group.weight = index));
    await cloud.balancers.sync();
    expect(await ask(5)).toEqual({ blue: 5 });
    expect(await (await fetch(cloud.url, { headers: { cookie } })).text()).toBe('green');
  });
});
