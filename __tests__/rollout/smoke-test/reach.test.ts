import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import { isAnswerOfProxy, obstacleOf, wordsOf } from '../../../src/rollout/smoke-test/reach.ts';

const failed = (code: string, message = code): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });

describe('what keeps a request from the load balancer', () => {
  it.each<[string, unknown, string | undefined]>([
    ['a name that does not resolve', failed('ENOTFOUND'), 'name'],
    ['a resolver that does not answer', failed('EAI_AGAIN'), 'name'],
    ['nobody who listens', failed('ECONNREFUSED'), 'connection'],
    ['a security group', failed('UND_ERR_CONNECT_TIMEOUT'), 'connection'],
    ['no route, as without IPv6', failed('ENETUNREACH'), 'connection'],
    ['every address', failed('', ''), undefined],
    [
      'each of several addresses',
      new TypeError('fetch failed', {
        cause: new AggregateError([failed('ETIMEDOUT'), failed('EHOSTUNREACH')]),
      }),
      'connection',
    ],
    ['a private CA', failed('SELF_SIGNED_CERT_IN_CHAIN'), 'certificate'],
    ['an unknown CA', failed('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'certificate'],
    ['a certificate for another name', failed('ERR_TLS_CERT_ALTNAME_INVALID'), 'certificate'],
    ['a certificate that is over', failed('CERT_HAS_EXPIRED'), 'certificate'],
    ['a port without TLS', failed('ERR_SSL_WRONG_VERSION_NUMBER'), 'certificate'],
    [
      'a handshake that is broken off',
      failed('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'),
      'certificate',
    ],
    [
      'a proxy that refuses',
      failed('UND_ERR_ABORTED', 'Proxy response (403) !== 200 when HTTP Tunneling'),
      'proxy',
    ],
    ['a connection that is broken off', failed('ECONNRESET', 'read ECONNRESET'), undefined],
    ['the end of a connection', failed('UND_ERR_SOCKET', 'other side closed'), undefined],
    ['what is no HTTP', failed('HPE_INVALID_CONSTANT'), undefined],
    [
      'a late answer',
      new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
      undefined,
    ],
    ['what is no error', 'oh', undefined],
  ])('%s', (_, error, obstacle) => {
    expect(obstacleOf(error)).toBe(obstacle);
  });

  it.each<[string, string]>([
    ['http://shop.invalid', 'name'],
    ['http://127.0.0.1:1', 'port'],
  ])('is told by fetch for %s', async (url, obstacle) => {
    const error: unknown = await fetch(url).catch((each: unknown) => each);
    expect(obstacleOf(error)).toBe(obstacle);
    expect(wordsOf(error)).toMatch(/^fetch failed: \S/);
  });

  it('is told by fetch where nobody listens any more', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const error: unknown = await fetch(`http://127.0.0.1:${port}`).catch((each: unknown) => each);
    expect(obstacleOf(error)).toBe('connection');
  });

  it.each<[number, Record<string, string>, boolean]>([
    [407, {}, true],
    [503, { 'x-squid-error': 'ERR_DNS_FAIL 0' }, true],
    [502, { 'proxy-status': 'proxy.example; error=dns_error' }, true],
    [502, { 'proxy-status': 'cache.example; fwd=miss' }, false],
    [503, {}, false],
  ])('is a proxy that answers %i with %j: %s', (status, headers, expected) => {
    expect(isAnswerOfProxy(status, new Headers(headers))).toBe(expected);
  });
});
