import { expect, it } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from '../support/scanners.ts';

/** A reader who follows a link arrives: at a file that is there, and at a heading that it has. */

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const documents = ['*.md', 'docs/*.md', '.github/**/*.md', 'terraform/**/*.md', 'sample-app/*.md'].flatMap(
  (pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules/**', '**/.terraform/**'] }),
);

/** As GitHub names a heading: https://docs.github.com/get-started/writing-on-github, section links. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = withoutBlocks(text).matchAll(/^#{1,6} (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) => {
      const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
      const name = shown
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\- _]/gu, '')
        .trim()
        .replaceAll(' ', '-');
      const times = seen.get(name) ?? 0;
      seen.set(name, times + 1);
      return times === 0 ? name : `${name}-${times}`;
    }),
  );
}

function withoutBlocks(text: string): string {
  return text.replace(/^( *)```.*?^\1```$/gms, '');
}

/** Links of a text that lead nowhere. */
function deadLinks(file: string, text: string): string[] {
  const links = [
    ...withoutBlocks(text)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ];
  return links.flatMap(([, link = '']) => {
    if (/^(https?|mailto):/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : normalize(join(dirname(file), path));
    if (path !== '' && !existsSync(join(root, target))) return [`${link}: no such file`];
    if (anchor === undefined) return [];
    const of = path === '' ? text : read(target);
    return anchorsOf(of).has(anchor) ? [] : [`${link}: no such heading`];
  });
}

it.each(documents)('every link of %s leads somewhere', (file) => {
  expect(deadLinks(file, read(file))).toEqual([]);
});

it('finds what leads nowhere', () => {
  const text =
    '# A *b*: c\n\n[a](#a-b-c) [b](docs/none.md) [c](#none) [d](LICENSE) [e](docs/limits.md#none)\n';
  expect(deadLinks('planted.md', text)).toEqual([
    'docs/none.md: no such file',
    '#none: no such heading',
    'docs/limits.md#none: no such heading',
  ]);
});
