import { expect } from '@jest/globals';
import { startForwardProxy } from '../../support/forward-proxy.ts';
import type { ForwardProxy } from '../../support/forward-proxy.ts';
import type { Service } from '../support/fleet.ts';
import { deployed, refused } from './cases.ts';
import type { Case } from './cases.ts';
import { endStandIn, onInstance, startMetadata } from './credentials.ts';

/** A job whose way out is a proxy: one that somebody else wrote, and that counts. */

const running = new Map<Service, ForwardProxy>();
const login = 'runner:pass word';
const smokeTest = { 'smoke-test-path': '/_local/status' };

async function startProxy(service: Service): Promise<void> {
  running.set(service, await startForwardProxy({ login }));
}

const addressOf = (service: Service): string =>
  `http://runner:pass%20word@127.0.0.1:${running.get(service)?.port}`;

async function endProxy(service: Service): Promise<ForwardProxy> {
  const proxy = running.get(service);
  if (proxy === undefined) throw new Error('it was not started');
  await proxy.close();
  return proxy;
}

export const proxies: Case[] = [
  {
    title: 'everything but the metadata of the instance goes through it, and its password is not seen',
    service: { answers: true },
    before: async (service) => {
      await startProxy(service);
      await startMetadata(service);
    },
    run: (service) => ({
      inputs: smokeTest,
      environment: { ...onInstance(service), HTTP_PROXY: addressOf(service) },
    }),
    ends: deployed(),
    says: [/through the proxy http:\/\/127.0.0.1:\d+ \(HTTP_PROXY\)/, /\/_local\/status answers 200/],
    after: async (service, { log, debugLog }) => {
      expect(endStandIn(service)).toContain('PUT /latest/api/token');
      const { asked, count } = await endProxy(service);
      const { host } = new URL(service.fleet.cloud.endpoint);
      expect([...new Set(asked)]).toEqual([host]);
      // Each of the many calls of a rollout, and the smoke test's.
      expect(count()).toBeGreaterThan(20);
      expect(log + debugLog).not.toMatch(/pass(%20| )word/);
    },
  },
  {
    title: "what NO_PROXY names goes straight, and what a job calls INPUT_ is nobody's input",
    service: { answers: true },
    before: startProxy,
    run: (service) => ({
      inputs: smokeTest,
      environment: {
        all_proxy: addressOf(service),
        NO_PROXY: 'example.com, 127.0.0.0/8',
        INPUT_VERSION: '1.2.3',
        INPUT_REGOIN: 'eu-west-1',
      },
    }),
    ends: deployed(),
    says: [/regoin is not an input of this action, and is not used; did you mean region\?/],
    after: async (service, { log }) => {
      expect((await endProxy(service)).count()).toBe(0);
      expect(log).not.toContain('version is not an input');
    },
  },
  {
    title: 'one that is not there',
    run: { environment: { http_proxy: 'http://127.0.0.1:9' } },
    ends: refused('credentials'),
    says: [
      /the proxy does not let this job out to AWS in eu-north-1/,
      /the proxy http:\/\/127.0.0.1:9 \(http_proxy\) can not be reached/,
    ],
  },
  {
    title: 'one that wants another password',
    before: startProxy,
    run: (service) => ({ environment: { HTTP_PROXY: addressOf(service).replace('pass', 'wrong') } }),
    ends: refused('credentials'),
    says: [/the proxy does not let this job out to AWS/, /with user and password where it wants them/],
    after: async (service) => void (await endProxy(service)),
  },
  {
    title: 'one of another kind',
    run: { environment: { ALL_PROXY: 'socks5://me:secret@127.0.0.1:1080' } },
    ends: refused('input-invalid'),
    says: [/ALL_PROXY in the job's environment is not usable; give the address of an HTTP proxy/],
    after: (_service, { debugLog }) => expect(debugLog).not.toContain('secret@'),
  },
];
