import { describe, expect, it } from '@jest/globals';
import { InputReader } from '../../src/inputs/reader.ts';
import { isWebhookUrl, parseWebhookUrl, secretPartsOf } from '../../src/inputs/webhook-url.ts';

function parsed(value: string) {
  const reader = new InputReader(() => value);
  return { url: parseWebhookUrl(reader, 'webhook-url'), problems: reader.problems };
}

describe('webhook-url', () => {
  it.each(['https://hooks.slack.com/services/T0/B0/x', 'http://127.0.0.1:9/x', 'http://localhost/x'])(
    'takes %s',
    (url) => {
      expect(parsed(url)).toEqual({ url, problems: [] });
    },
  );

  it('may be left out', () => {
    expect(parsed('')).toEqual({ url: undefined, problems: [] });
  });

  it.each(['http://hooks.example/s3cr3t', 's3cr3t', 'ftp://hooks.example/s3cr3t'])(
    'refuses %s, and does not show it',
    (value) => {
      const { url, problems } = parsed(value);
      expect(url).toBeUndefined();
      expect(problems).toHaveLength(1);
      expect(JSON.stringify(problems)).not.toContain('s3cr3t');
    },
  );
});

describe('isWebhookUrl', () => {
  it.each<[string, boolean]>([
    ['https://chat.example/x', true],
    ['http://127.0.0.1:8080/x', true],
    ['http://chat.example/x', false],
    ['http://localhost.chat.example/x', false],
    ['ftp://chat.example/x', false],
    ['chat.example/x', false],
  ])('%s: %s', (text, accepted) => {
    expect(isWebhookUrl(text)).toBe(accepted);
  });
});

describe('secretPartsOf', () => {
  const token = 'XyZ012345678901234567890';
  const id = '9'.repeat(18);

  it.each<[string, string, string[]]>([
    [
      "Slack's path, and the token in it",
      `https://hooks.slack.example/services/T00000000/B00000000/${token}`,
      [`/services/T00000000/B00000000/${token}`, token],
    ],
    [
      "a chat's id and token",
      `https://chat.example/api/webhooks/${id}/${token}`,
      [`/api/webhooks/${id}/${token}`, id, token],
    ],
    [
      'a signature in the query, as it is sent and as it reads',
      'https://flow.example/run?api-version=2016-06-01&sig=a%2Fb%3Dc12345',
      ['/run?api-version=2016-06-01&sig=a%2Fb%3Dc12345', 'a/b=c12345', 'a%2Fb%3Dc12345'],
    ],
    ['a token of a word', 'https://chat.example/api?token=hunter', ['hunter']],
    ['a password', 'https://me:hunter2@chat.example/api', ['hunter2']],
    ['no short path', 'https://chat.example/api', []],
    ['no path', 'https://chat.example', []],
    ['no route of words', 'https://chat.example/api/notifications/deployments', []],
    ['no region', 'https://chat.example/eu-north-1?v=2', []],
    [
      'of short values only all of them',
      'https://chat.example/api?key=prod&page=1',
      ['/api?key=prod&page=1'],
    ],
    ['nothing of what is no address', 'chat', []],
  ])('%s', (_what, address, parts) => {
    expect(secretPartsOf(address).toSorted()).toEqual(parts.toSorted());
  });
});
