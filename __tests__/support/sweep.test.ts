import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { formsOf, sweep } from '../e2e/support/sweep.ts';

const secret = 'a+b/c "quoted" <&> =9f3kQ';

describe('a sweep', () => {
  it('finds nothing where nothing is', () => {
    expect(sweep({ key: secret }, { log: ['nothing', Buffer.from('at all')], summary: [] })).toEqual({});
  });

  it.each([
    ['as it is', secret],
    ['JSON', JSON.stringify({ key: `the ${secret}` })],
    ['JSON of Go', 'a+b/c \\"quoted\\" \\u003c\\u0026\\u003e =9f3kQ'],
    ['JSON in JSON', JSON.stringify(JSON.stringify(secret))],
    ['URL', `https://example.com/?key=${encodeURIComponent(secret)}&x=1`],
    ['form', new URLSearchParams({ key: secret, x: '1' }).toString()],
    ['HTML', 'a+b/c &quot;quoted&quot; &lt;&amp;&gt; =9f3kQ'],
    ['hex', `0x${Buffer.from(secret).toString('hex')}00`],
  ])('finds what is planted: %s', (form, text) => {
    expect(sweep({ key: secret }, { log: ['before', text] })).toEqual({ log: [`key (${form})`] });
  });

  it.each(['', 'A', 'AW', 'AWS:', 'a longer text before it: '])(
    'finds base64 of it behind "%s", whatever follows',
    (before) => {
      for (const after of ['', 'x', 'xy', 'xyz']) {
        const text = Buffer.from(before + secret + after).toString('base64');
        expect(sweep({ key: secret }, { log: [text] })).toEqual({ log: ['key (base64)'] });
        const url = Buffer.from(before + secret + after).toString('base64url');
        expect(sweep({ key: secret }, { log: [url] }).log?.[0]).toMatch(/^key \(base64/);
      }
    },
  );

  it('looks into what is packed', () => {
    expect(sweep({ key: secret }, { layer: [gzipSync(`files ${secret}`)] })).toEqual({
      layer: ['key (as it is)'],
    });
  });

  it('tells each of several, and knows no text by two names', () => {
    const secrets = { one: 'the first of them', two: 'the second of them' };
    expect(sweep(secrets, { log: [Object.values(secrets).join()] })).toEqual({
      log: ['one (as it is)', 'two (as it is)'],
    });
    const forms = [...formsOf('onlylettersherein').keys()];
    expect(new Set(forms).size).toBe(forms.length);
  });

  it('wants no secret that turns up by chance', () => {
    expect(() => sweep({ pin: '1234' }, {})).toThrow('pin is too short');
  });
});
