import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Log } from '../../src/core/log.ts';
import { fetchOut, settleProxies, wayOut } from '../../src/proxy/way-out.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import type { ForwardProxy } from '../support/forward-proxy.ts';
import { describeWith } from '../support/tools.ts';

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((n) => [n, n.toLowerCase()]);
const saved = Object.fromEntries(names.map((name) => [name, process.env[name]]));

function setProxies(variables: Record<string, string>): void {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, variables);
}

const identity =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/x</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';

function answering(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}

const origin = createServer((request, response) => {
  if (request.url === '/slow') return;
  const status = Number(request.url?.slice(1)) || 200;
  response.writeHead(status, { 'content-type': 'text/xml', location: '/elsewhere' });
  response.end(status === 204 ? undefined : identity);
});
let port: number;
let proxy: ForwardProxy | undefined;

beforeAll(async () => {
  port = await answering(origin);
});
beforeEach(() => setProxies({}));
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
});
afterAll(async () => {
  for (const name of names) delete process.env[name];
  for (const [name, value] of Object.entries(saved)) if (value !== undefined) process.env[name] = value;
  origin.closeAllConnections();
  await new Promise((resolve) => origin.close(resolve));
});

async function callerIdentity(endpoint: string): Promise<string | undefined> {
  const agent = await wayOut(process.env);
  const client = new STSClient({
    region: 'eu-north-1',
    endpoint,
    maxAttempts: 2,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    ...(agent && { requestHandler: { httpAgent: agent, httpsAgent: agent } }),
  });
  return (await client.send(new GetCallerIdentityCommand({}))).Account;
}

describe('without TLS', () => {
  it('AWS and the smoke test are asked through the proxy, with its login', async () => {
    proxy = await startForwardProxy({ login: 'me:pass@word' });
    setProxies({ http_proxy: `http://me:pass%40word@127.0.0.1:${proxy.port}` });
    expect(await callerIdentity(`http://127.0.0.1:${port}`)).toBe('123456789012');
    const answer = await fetchOut(`http://127.0.0.1:${port}/503`, { headers: { connection: 'close' } });
    expect([answer.status, await answer.text()]).toEqual([503, identity]);
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
    expect(proxy.count()).toBe(2);
  });

  it('what NO_PROXY names is asked without', async () => {
    proxy = await startForwardProxy();
    setProxies({ ALL_PROXY: proxy.url, NO_PROXY: '127.0.0.0/8' });
    expect(await callerIdentity(`http://127.0.0.1:${port}`)).toBe('123456789012');
    expect((await fetchOut(`http://127.0.0.1:${port}`)).status).toBe(200);
    expect(proxy.count()).toBe(0);
  });

  it('a wrong login is the proxy’s no, and not AWS’s', async () => {
    proxy = await startForwardProxy({ login: 'me:right' });
    setProxies({ HTTP_PROXY: `http://me:wrong@127.0.0.1:${proxy.port}` });
    await expect(callerIdentity(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 407 },
    });
  });

  it('a proxy that is not there is named', async () => {
    setProxies({ HTTP_PROXY: 'http://127.0.0.1:9' });
    const message = expect.stringMatching(
      /^the proxy http:\/\/127.0.0.1:9 \(HTTP_PROXY\) can not be reached: /,
    );
    await expect(fetchOut(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ name: 'ProxyError', message });
    await expect(callerIdentity(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ message });
  });
});

describe('fetchOut', () => {
  it.each([204, 302, 304])('gives %i as it came', async (status) => {
    proxy = await startForwardProxy();
    setProxies({ HTTP_PROXY: proxy.url });
    const answer = await fetchOut(`http://127.0.0.1:${port}/${status}`, { redirect: 'manual' });
    expect(answer.status).toBe(status);
  });

  it('ends when it took too long', async () => {
    proxy = await startForwardProxy();
    setProxies({ HTTP_PROXY: proxy.url });
    const asking = fetchOut(`http://127.0.0.1:${port}/slow`, { signal: AbortSignal.timeout(100) });
    await expect(asking).rejects.toMatchObject({ name: 'TimeoutError' });
    origin.closeAllConnections();
  });
});

describe('with TLS', () => {
  it.each([403, 407])('a proxy that answers %i is not taken for AWS', async (status) => {
    proxy = await startForwardProxy(status === 407 ? { login: 'me:right' } : { refuses: status });
    setProxies({ HTTPS_PROXY: proxy.url });
    await expect(callerIdentity('https://sts.eu-north-1.amazonaws.com')).rejects.toMatchObject({
      name: 'ProxyError',
      message: expect.stringContaining(
        `the proxy ${proxy.url} (HTTPS_PROXY) does not connect to sts.eu-north-1.amazonaws.com:443: ${status}`,
      ),
    });
    expect(proxy.asked).toEqual(['CONNECT sts.eu-north-1.amazonaws.com:443']);
  });

  it('one that fails is asked again', async () => {
    proxy = await startForwardProxy({ refuses: 502 });
    setProxies({ HTTPS_PROXY: proxy.url });
    await expect(callerIdentity('https://sts.eu-north-1.amazonaws.com')).rejects.toThrow(/: 502/);
    expect(proxy.asked).toHaveLength(2);
  });
});

describeWith(['openssl'], 'with TLS, to the end', () => {
  it('AWS and the smoke test are asked through a tunnel', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${key} -out ${cert}`;
    execFileSync('openssl', made.split(' '), { stdio: 'ignore' });
    const trusted = getCACertificates('default');
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
      response.writeHead(200, { 'content-type': 'text/xml' }).end(identity),
    );
    try {
      setDefaultCACertificates([...trusted, readFileSync(cert, 'utf8')]);
      const secure = `localhost:${await answering(server)}`;
      proxy = await startForwardProxy({ login: 'me:secret' });
      setProxies({ HTTPS_PROXY: `http://me:secret@127.0.0.1:${proxy.port}` });
      expect(await callerIdentity(`https://${secure}`)).toBe('123456789012');
      expect(await (await fetchOut(`https://${secure}`)).text()).toBe(identity);
      expect(proxy.asked).toEqual([`CONNECT ${secure}`, `CONNECT ${secure}`]);
    } finally {
      setDefaultCACertificates(trusted);
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('settleProxies', () => {
  function settle(environment: NodeJS.ProcessEnv) {
    const lines: string[] = [];
    const secrets: string[] = [];
    const log: Log = {
      publish: () => undefined,
      line: (text) => void lines.push(text),
      debug: () => undefined,
      warning: () => undefined,
      secret: (value) => void secrets.push(value),
      group: (_title, work) => work(),
    };
    settleProxies(environment, log);
    return { lines, secrets };
  }

  it('says which proxy, keeps its password, and sets every spelling', () => {
    const environment: NodeJS.ProcessEnv = { ALL_PROXY: 'http://me:secret@proxy:3128' };
    const { lines, secrets } = settle(environment);
    expect(lines).toEqual(['through the proxy http://proxy:3128 (ALL_PROXY)']);
    expect(secrets).toContain('secret');
    expect(environment).toMatchObject({
      https_proxy: environment.ALL_PROXY,
      HTTP_PROXY: environment.ALL_PROXY,
    });
  });

  it('says nothing where there is none', () => {
    const environment = { PATH: '/bin' };
    expect(settle(environment).lines).toEqual([]);
    expect(environment).toEqual({ PATH: '/bin' });
  });
});
