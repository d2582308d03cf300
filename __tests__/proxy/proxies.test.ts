import { describe, expect, it } from '@jest/globals';
import { nameOf, proxyFor, proxyVariables, readProxies, secretsOf } from '../../src/proxy/proxies.ts';

const proxy = 'http://proxy.example.com:3128';

function wayTo(address: string, environment: NodeJS.ProcessEnv): string | undefined {
  const { protocol, hostname, port } = new URL(address);
  const secure = protocol === 'https:';
  const target = { secure, host: hostname, port: Number(port) || (secure ? 443 : 80) };
  return proxyFor(target, readProxies(environment))?.variable;
}

describe('readProxies', () => {
  it.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ['https://sts.eu-north-1.amazonaws.com', { HTTPS_PROXY: proxy }, 'HTTPS_PROXY'],
    ['https://sts.eu-north-1.amazonaws.com', { https_proxy: proxy }, 'https_proxy'],
    ['https://sts.eu-north-1.amazonaws.com', { https_proxy: proxy, HTTPS_PROXY: 'http://x' }, 'https_proxy'],
    ['https://sts.eu-north-1.amazonaws.com', { https_proxy: ' ', HTTPS_PROXY: proxy }, 'HTTPS_PROXY'],
    ['https://sts.eu-north-1.amazonaws.com', { HTTP_PROXY: proxy }, undefined],
    ['https://sts.eu-north-1.amazonaws.com', { ALL_PROXY: proxy }, 'ALL_PROXY'],
    ['https://sts.eu-north-1.amazonaws.com', { all_proxy: proxy, HTTP_PROXY: 'http://x' }, 'all_proxy'],
    ['http://shop.example.com', { HTTP_PROXY: proxy }, 'HTTP_PROXY'],
    ['http://shop.example.com', { http_proxy: proxy }, 'http_proxy'],
    ['http://shop.example.com', { HTTPS_PROXY: proxy }, undefined],
    ['http://shop.example.com', {}, undefined],
    ['http://127.0.0.1:4566', { HTTP_PROXY: proxy }, 'HTTP_PROXY'],
    ['http://localhost:4566', { HTTP_PROXY: proxy }, 'HTTP_PROXY'],
  ])('%s with %j goes through %s', (address, environment, variable) => {
    expect(wayTo(address, environment)).toBe(variable);
  });

  it.each([
    ['http://proxy:3128', 'http://proxy:3128 (HTTPS_PROXY)'],
    ['proxy:3128', 'http://proxy:3128 (HTTPS_PROXY)'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128 (HTTPS_PROXY)'],
    ['https://proxy.example.com/', 'https://proxy.example.com (HTTPS_PROXY)'],
    ['http://me:pass%40word@proxy:3128', 'http://proxy:3128 (HTTPS_PROXY)'],
    ['me:pass@[::1]:3128', 'http://[::1]:3128 (HTTPS_PROXY)'],
  ])('takes %s for %s', (value, name) => {
    const { https } = readProxies({ HTTPS_PROXY: value });
    expect(https && nameOf(https)).toBe(name);
  });

  it.each([
    ['socks5://proxy:1080', '"socks5://proxy:1080"'],
    ['http://', '"http://"'],
    ['http://proxy:99999', '"http://proxy:99999"'],
    ['two words', '"two words"'],
    ['socks5://me:secret@proxy:1080', 'not usable'],
    ['http://me:100%@proxy:3128', 'not usable'],
  ])('refuses %s by its name', (value, shown) => {
    for (const variable of ['HTTPS_PROXY', 'http_proxy', 'ALL_PROXY'])
      expect(() => readProxies({ [variable]: value })).toThrow(
        expect.objectContaining({
          reason: 'input-invalid',
          message: expect.stringContaining(
            `${variable} in the job's environment is ${shown}; give the address of an HTTP proxy`,
          ),
        }),
      );
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['*', 'https://sts.amazonaws.com'],
    ['amazonaws.com', 'https://sts.eu-north-1.amazonaws.com'],
    ['amazonaws.com', 'https://amazonaws.com'],
    ['.amazonaws.com', 'https://sts.eu-north-1.amazonaws.com'],
    ['.amazonaws.com', 'https://amazonaws.com'],
    ['*.amazonaws.com', 'https://sts.eu-north-1.amazonaws.com'],
    ['AmazonAWS.com', 'https://STS.amazonaws.com'],
    ['localhost, 127.0.0.1,shop.internal', 'http://shop.internal'],
    ['localhost 127.0.0.1', 'http://127.0.0.1:4566'],
    ['shop.internal:8080', 'http://shop.internal:8080'],
    ['.internal:80', 'http://shop.internal'],
    ['shop.internal:443', 'https://shop.internal'],
    ['10.0.0.0/8', 'http://10.1.2.3'],
    ['10.1.2.3:8080', 'http://10.1.2.3:8080'],
    ['::1', 'http://[::1]:4566'],
    ['[::1]:4566', 'http://[::1]:4566'],
    ['fd00::/8', 'http://[fd12::1]'],
  ])('%s lets %s go straight', (exceptions, address) => {
    expect(wayTo(address, { ALL_PROXY: proxy, no_proxy: exceptions })).toBeUndefined();
  });

  it.each([
    ['amazonaws.com', 'https://sts.amazonaws.com.cn'],
    ['aws.com', 'https://sts.amazonaws.com'],
    ['shop.internal:8080', 'http://shop.internal'],
    ['127.0.0.1:80', 'http://127.0.0.1:4566'],
    ['10.0.0.0/8', 'http://11.1.2.3'],
    ['10.0.0.0/33', 'http://10.0.0.1'],
    ['10.0.0', 'http://10.0.0.1'],
    ['0.0.1', 'http://10.0.0.1'],
    ['::2', 'http://[::1]'],
    ['', 'https://sts.amazonaws.com'],
  ])('%s does not mean %s', (exceptions, address) => {
    expect(wayTo(address, { ALL_PROXY: proxy, NO_PROXY: exceptions })).toBe('ALL_PROXY');
  });

  it.each(['http://169.254.169.254', 'http://169.254.170.2', 'http://[fd00:ec2::254]'])(
    'need not name %s, where instances and containers have their credentials from',
    (address) => {
      expect(wayTo(address, { ALL_PROXY: proxy })).toBeUndefined();
    },
  );
});

describe('proxyVariables', () => {
  it('are the same in both spellings, without ALL_PROXY, which others do not know', () => {
    const environment = { ALL_PROXY: 'http://all', https_proxy: 'http://small', HTTPS_PROXY: 'http://great' };
    expect(proxyVariables({ ...environment, no_proxy: 'localhost' })).toEqual({
      HTTP_PROXY: 'http://all',
      http_proxy: 'http://all',
      HTTPS_PROXY: 'http://small',
      https_proxy: 'http://small',
      NO_PROXY: 'localhost',
      no_proxy: 'localhost',
    });
    expect(proxyVariables({ PATH: '/bin' })).toEqual({});
  });
});

describe('secretsOf', () => {
  it('is the password in every form', () => {
    const { https } = readProxies({ HTTPS_PROXY: 'http://me:pass%40word@proxy:3128' });
    const sent = Buffer.from('me:pass@word').toString('base64');
    expect(https && secretsOf(https)).toEqual(['pass%40word', 'pass@word', sent]);
    const open = readProxies({ HTTPS_PROXY: 'http://me@proxy:3128' }).https;
    expect(open && secretsOf(open)).toEqual([]);
  });
});
