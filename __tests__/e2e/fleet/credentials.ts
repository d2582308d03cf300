import { expect } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Service } from '../support/fleet.ts';
import { deployed, refused } from './cases.ts';
import type { Case } from './cases.ts';

/** A role that is assumed through GitHub's identity tokens, and credentials that AWS takes no longer. */

const role = 'arn:aws:iam::123456789012:role/deploy';
const behindLoadBalancer = { drain: 10, group: { HealthCheckGracePeriod: 36_000 } };
const servers = new Map<Service, { address: string; asked: string[]; close: () => void }>();

/** GitHub's token service: whoever shows the job's own token is given one for the audience that it asks for. */
async function startTokenService(service: Service): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push(searchParams.get('audience') ?? '');
    const known = request.headers.authorization === 'Bearer token-of-the-job';
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ value: 'identity-token-of-the-job' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?api-version=1`;
  // Its case closes it; one that failed before that must not keep the tests from ending.
  server.unref();
  servers.set(service, { address, asked, close: () => server.close() });
}

export const credentials: Case[] = [
  {
    title: 'expired credentials in the midst of it: the role is assumed anew',
    service: behindLoadBalancer,
    before: async (service) => {
      await startTokenService(service);
      await service.fault({ secondsToHealthy: 1000 });
      await service.callFault('DescribeInstanceRefreshes', { error: 'ExpiredToken', after: 3 });
    },
    run: (service) => ({
      inputs: { 'role-to-assume': role },
      environment: {
        ACTIONS_ID_TOKEN_REQUEST_URL: servers.get(service)?.address ?? '',
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token-of-the-job',
      },
    }),
    ends: deployed(),
    says: [/AWS calls the refresh successful/],
    after: async (service) => {
      const { asked = [], close } = servers.get(service) ?? {};
      close?.();
      expect(asked).toEqual(['sts.amazonaws.com', 'sts.amazonaws.com']);
    },
  },
  {
    title: 'a job without the right to identity tokens',
    run: { inputs: { 'role-to-assume': role } },
    ends: refused('credentials'),
    says: [/GitHub gives this job no identity token/, /permissions: id-token: write/],
  },
];
