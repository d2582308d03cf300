import { describe, expect, it } from '@jest/globals';
import { Secrets } from '../../src/github/secrets.ts';
import { report } from '../../src/report/report.ts';
import type { Toolkit } from '../../src/github/index.ts';
import { DeployError } from '../../src/core/errors.ts';
import { newRecord } from '../../src/report/record.ts';
import { image, outputs, whole } from './fixtures.ts';

/** What a report writes, in the words of the runner. */
async function told(secret: string, says: string, all: Record<string, unknown> = {}, failed = false) {
  const secrets = new Secrets();
  secrets.publish(
    {
      application: 'shop',
      environment: 'prod',
      region: 'eu-north-1',
      url: outputs.url,
      image: image.reference,
    },
    true,
  );
  secrets.add(secret);
  const written: string[] = [];
  const warnings: string[] = [];
  const set: Record<string, string> = {};
  let summary = '';
  const toolkit = {
    info: (text: string) => void written.push(text),
    debug: (text: string) => void written.push(text),
    error: (text: string) => void written.push(text),
    warning: (text: string) => void warnings.push(text),
    setOutput: (name: string, value: string) => void (set[name] = value),
    summary: { addRaw: (text: string) => ((summary += text), { write: async () => undefined }) },
  } as unknown as Toolkit;
  const record = newRecord({
    ...whole,
    details: [says],
    warnings: [says],
    outputs: { ...outputs, all },
    conclusion: { status: 'deployed', sentence: `Deployed shop to prod: ${says}, at ${outputs.url}.` },
  });
  const failure = new DeployError({
    reason: 'boot-failed',
    message: says,
    evidence: [{ label: 'what the container said', text: `first\n${says}` }],
    left: says,
    next: says,
  });
  await report(toolkit, {
    record,
    failure: failed ? failure : undefined,
    mask: (text) => secrets.mask(text),
    line: (text) => void written.push(text),
  });
  return { written: written.join('\n'), set, summary, warnings };
}

describe('a report', () => {
  it.each(['shop', 'prod', 'eu-north-1', 'north', 'shop.example', image.digest])(
    'writes outputs, links and public names whole where a secret is %s',
    async (secret) => {
      const { set, summary, written } = await told(secret, 'all is well');
      expect(JSON.stringify(set)).not.toContain('***');
      expect(set).toMatchObject({ url: outputs.url, image: image.reference });
      expect(`${summary}${written}`).not.toContain('***');
      expect(summary).toContain('https://eu-north-1.console.aws.amazon.com');
    },
  );

  it.each(['hunter22', 'a_b*c|d', '<p&ss>', 'two\nlines here', 'back\\slash', 'shop-of-mine'])(
    'never shows the secret %j, whatever Markdown makes of it',
    async (secret) => {
      for (const failed of [false, true]) {
        const { written, summary } = await told(secret, `it is ${secret}!`, {}, failed);
        const plain = summary.replaceAll('\\', '').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
        for (const line of secret.split('\n')) {
          expect(written).not.toContain(line);
          expect(summary).not.toContain(line);
          expect(plain).not.toContain(line.replaceAll('\\', ''));
        }
        expect(summary).toContain(outputs.url);
      }
    },
  );

  it('leaves an output out that holds a secret, and says which', async () => {
    const all = { dsn: { url: ['postgres://app:hunter22@db'] }, url: outputs.url, port: 5432 };
    const { set, warnings } = await told('hunter22', 'all is well', all);
    expect(set['terraform-outputs']).toBe('{"url":"http://shop.example","port":5432}');
    expect(warnings).toEqual([expect.stringMatching(/^output "dsn" holds .* left out of terraform-outputs/)]);
  });

  it('writes a failure whole into the log that the runner would cut, before the annotation', async () => {
    const { written } = await told(
      'hunter22',
      `${'a line of a log\n'.repeat(2000)}the end hunter22`,
      {},
      true,
    );
    const [whole = '', annotation = ''] = written.split('failure-reason=boot-failed');
    expect(whole.match(/a line of a log/g)?.length).toBeGreaterThan(8000 - 1);
    expect(annotation.length).toBeLessThan(4096);
    expect(annotation).toMatch(/ next: a line of a log/);
    expect(written).not.toContain('hunter22');
  });
});
