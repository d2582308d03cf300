import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../support/scanners.ts';

/** What GitHub and newcomers look for, where they look for it. */

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const markdown = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`),
  ...readdirSync(join(root, 'terraform'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('.terraform'))
    .map((file) => `terraform/${file}`),
].filter((file) => file.endsWith('.md'));

/** Links to files of this repository, and to headings in them. */
function links(file: string): { target: string; heading: string }[] {
  const prose = text(file).replace(/```[^]*?```/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link.split('#'))
    .map(([path = '', heading = '']) => ({ path, heading }))
    .filter(({ path }) => !/^[a-z]+:/.test(path))
    .map(({ path, heading }) => ({ target: path === '' ? file : join(dirname(file), path), heading }));
}

/** Headings of a document as GitHub names them in links. */
const anchors = (file: string): string[] =>
  [...text(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );

describe('the documents', () => {
  it.each([
    ...['README.md', 'LICENSE', 'SECURITY.md', 'CONTRIBUTING.md', 'CODE_OF_CONDUCT.md', 'CHANGELOG.md'],
    ...['.github/CODEOWNERS', '.github/pull_request_template.md', '.github/dependabot.yml'],
  ])('%s is where it is looked for', (file) => {
    expect(text(file).length).toBeGreaterThan(100);
  });

  it.each(markdown)('%s links to what is there', (file) => {
    const dead = links(file).filter(({ target, heading }) => {
      if (!existsSync(join(root, target))) return true;
      return heading !== '' && target.endsWith('.md') && !anchors(target).includes(heading);
    });
    expect(dead).toEqual([]);
  });

  it('are reached from the README, each of them', () => {
    const reached = new Set(links('README.md').map(({ target }) => target));
    for (const file of [...reached].filter((each) => each.endsWith('.md')))
      for (const { target } of links(file)) reached.add(target);
    expect(markdown.filter((file) => file.startsWith('docs/') && !reached.has(file))).toEqual([]);
  });
});

describe('templates', () => {
  const folder = '.github/ISSUE_TEMPLATE';
  const forms = readdirSync(join(root, folder)).filter((file) => file !== 'config.yml');

  it.each(forms)('%s is a form that GitHub takes', (file) => {
    const form = parse(text(`${folder}/${file}`)) as {
      name: string;
      description: string;
      body: { type: string; id?: string; attributes: Record<string, unknown> }[];
    };
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    const ids = form.body.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, attributes } of form.body) {
      expect(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
      expect(attributes).toHaveProperty(type === 'markdown' ? 'value' : 'label');
    }
  });
});

describe('CODEOWNERS', () => {
  it('names only paths that are there', () => {
    const paths = [...text('.github/CODEOWNERS').matchAll(/^(\/\S+)/gm)].map(([, path = '']) => path);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(paths).not.toEqual([]);
  });
});
