import { describe, expect, it } from '@jest/globals';
import { code, escape, linesWithin, separateLines } from '../../src/report/markdown.ts';
import { markdownFaults } from './markdown-faults.ts';

describe('escape', () => {
  it.each([
    [
      'signs of Markdown and HTML',
      'a*b_c`d[e]<f>|g~h&lt;\\',
      'a\\*b\\_c\\`d\\[e\\]\\<f\\>\\|g\\~h\\&lt;\\\\',
    ],
    ['breaks of every kind', 'a\nb\r\nc\rd', 'a<br>b<br>c<br>d'],
    [
      'addresses, which stay links',
      'see https://docs.example/a_b?c=1&d=*: it*s',
      'see https://docs.example/a_b?c=1&d=*: it\\*s',
    ],
    ['an address that would end a cell', 'http://a|b', 'http://a\\|b'],
  ])('takes %s', (_, text, shown) => {
    expect(escape(text)).toBe(shown);
  });

  it('keeps beginning and end of what is too long, and cuts no character in two', () => {
    const text = escape(`a${'🟥'.repeat(500)}b`, 101);
    expect(text).toMatch(/^a🟥+<br>… \d+ characters left out …<br>🟥+b$/u);
    expect(markdownFaults(text)).toEqual([]);
  });
});

describe('code', () => {
  it.each([
    [
      'Markdown, which GitHub reads within it',
      '*a* `b` [c](d) ~~e~~ \\',
      '\\*a\\* \\`b\\` \\[c\\](d) \\~\\~e\\~\\~ \\\\',
    ],
    ['an underscore within a word', 'DATABASE_URL _x_', 'DATABASE_URL \\_x\\_'],
    ['what was coloured for a terminal', '\u001b[31merror\u001b[0m', 'error'],
    ['HTML and cells', '</code>|&', '&lt;/code&gt;&#124;&amp;'],
  ])('shows %s', (_, text, shown) => {
    expect(code(text)).toBe(`<code>${shown}</code>`);
  });

  it('has an element for each line', () => {
    expect(code('a\r\n\nb\rc')).toBe('<code>a</code><br><br><code>b</code><br><code>c</code>');
  });
});

describe('lines', () => {
  it('are one each, and none of them endless', () => {
    const [one, other, long] = separateLines(['a\r\nb', 'x'.repeat(5000)]);
    expect([one, other]).toEqual(['a', 'b']);
    expect(long).toMatch(/^x{1000}… \(4000 more characters\)$/);
  });

  it('are kept while there is room, in bytes', () => {
    expect(linesWithin(['ää', 'bb', 'cc'], 9)).toEqual({ kept: ['ää', 'bb'], left: 1 });
  });
});
