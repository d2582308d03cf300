import { describe, expect, it } from '@jest/globals';
import { InputReader } from '../../src/inputs/reader.ts';
import { parseWebhookUrl } from '../../src/inputs/webhook-url.ts';

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
