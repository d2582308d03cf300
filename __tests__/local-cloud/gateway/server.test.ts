/** Requests that no SDK would send, and what is remembered of those that are refused. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { CallLog } from '../../../local-cloud/gateway/calls.ts';
import { createControl } from '../../../local-cloud/gateway/control.ts';
import { Faults } from '../../../local-cloud/gateway/faults.ts';
import { createUpstream } from '../../../local-cloud/gateway/forward.ts';
import { type Gateway, startGateway } from '../../../local-cloud/gateway/server.ts';
import { ApiError, type Service } from '../../../local-cloud/gateway/wire.ts';

const calls = new CallLog();
const faults = new Faults();
let gateway: Gateway;

const autoscaling: Service = {
  protocol: 'query',
  namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
  operations: {
    CancelInstanceRefresh: () => {
      throw new ApiError('ActiveInstanceRefreshNotFound', 'nothing is active');
    },
  },
  ownedEntirely: true,
};

beforeAll(async () => {
  gateway = await startGateway({
    ...{ port: 0, region: 'eu-north-1', accountId: '123456789012', calls, faults },
    upstream: createUpstream(9),
    routes: () => ({ services: { autoscaling }, filters: [] }),
    control: createControl({
      ...{ calls, faults, status: () => ({}), reset: async () => undefined },
      cloud: () => ({ fleet: { advance: async (seconds) => seconds } }),
      ...{ issuers: { set: () => undefined }, permissions: () => [] },
      peers: { list: async () => [], add: async () => undefined, answer: async () => ({ known: false }) },
    }),
    log: () => undefined,
  });
});
afterAll(() => gateway.close());
beforeEach(() => calls.clear());

const scope = 'Credential=local/20260101/eu-north-1/autoscaling/aws4_request';

/** Sends the path as it is, which fetch would not. */
function send(path: string, body: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { port: gateway.port, host: '127.0.0.1', path, method: 'POST', headers },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve([answer.statusCode ?? 0, text]));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const signed = { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=x` };

describe('a refused call', () => {
  it('is remembered with its operation', async () => {
    const [status, body] = await send('/', 'Action=CancelInstanceRefresh&AutoScalingGroupName=shop', signed);
    expect([status, body]).toEqual([400, expect.stringContaining('ActiveInstanceRefreshNotFound')]);
    expect(calls.list()).toEqual([
      expect.objectContaining({
        ...{ service: 'autoscaling', operation: 'CancelInstanceRefresh', status: 400 },
        ...{ errorCode: 'ActiveInstanceRefreshNotFound', identity: 'local' },
        subject: 'AutoScalingGroupName=shop',
      }),
    ]);
  });

  it('is remembered with its operation when it was not signed', async () => {
    const [status] = await send('/', 'Action=CancelInstanceRefresh');
    expect(status).toBe(403);
    expect(calls.list()).toMatchObject([
      { operation: 'CancelInstanceRefresh', errorCode: 'MissingAuthenticationToken' },
    ]);
  });
});

describe('a request that makes no sense', () => {
  it.each([
    ['no action', '', 'MissingAction'],
    ['an action that does not exist', 'Action=Nope', 'InvalidAction'],
    ['an action of JavaScript', 'Action=__proto__', 'InvalidAction'],
    ['what is no form', '%%%%', 'MissingAction'],
  ])('%s', async (_what, body, code) => {
    const [status, text] = await send('/', body, signed);
    expect([status, text]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
  });

  it.each(['//', '//%zz', '/\\', '/%'])('gets an answer at %s', async (path) => {
    const [status] = await send(path, '');
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});

describe('the clock', () => {
  it.each([[-1], [1e12], ['60']])('is not moved by %p', async (advance) => {
    const [status, text] = await send('/_local/clock', JSON.stringify({ advance }));
    expect([status, text]).toEqual([400, expect.stringContaining('at most')]);
  });

  it('is moved by what a refresh can last', async () => {
    const [status, text] = await send('/_local/clock', JSON.stringify({ advance: 14 * 86_400 }));
    expect([status, JSON.parse(text)]).toEqual([200, { now: 14 * 86_400 }]);
  });
});
