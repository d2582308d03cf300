import { describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from '../../scripts/suites/tools.ts';
import { temporaryFolder } from '../support/folders.ts';
import { hadolint, repositoryWith, root, secretlint } from '../support/scanners.ts';
import { describeWith } from '../support/tools.ts';

/** Dependencies, secrets and Dockerfiles; workflows have a test of their own. */

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const committed = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

describe('docs/dependencies.md', () => {
  const document = read('docs/dependencies.md');
  /** First and second cell of each row of the tables below a heading. */
  const table = (heading: string): [string, string][] =>
    (document.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').split('\n').flatMap((line) => {
      const [, name, reason] = /^\| `([^`]+)` \| (.+) \|$/.exec(line) ?? [];
      return name === undefined || reason === undefined ? [] : [[name, reason] as [string, string]];
    });
  const names = (heading: string): string[] => table(heading).map(([name]) => name);
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, object>;

  it.each<[string, string[]]>([
    ['Built into the action', Object.keys(dependencies ?? {})],
    ['For developing', Object.keys(devDependencies ?? {})],
    [
      'Tools that the tests install',
      ['moto', 'go', ...tools.filter(({ pypi, go }) => pypi ?? go).map(({ name }) => name)],
    ],
  ])('%s: has each, and no other', (heading, expected) => {
    expect(names(heading).toSorted()).toEqual(expected.toSorted());
  });

  it('every licence of what is built in is listed', () => {
    const licences = read('dist/licenses.txt');
    // What has types alone, or the parser's grammar as a file, is not in the bundle.
    const without = ['@aws-sdk/types', '@tree-sitter-grammars/tree-sitter-hcl'];
    const missing = Object.keys(dependencies ?? {}).filter((name) => !licences.includes(`${name}@`));
    expect(missing.filter((name) => !without.includes(name))).toEqual([]);
  });
});

describe('secrets', () => {
  /** Made up, in tests that see to it that such things are hidden. */
  const inTests = ['PostgreSQLConnection', 'MySQLConnection', 'BasicAuth', 'IncomingWebhook'];
  const madeUp = [
    ['GITHUB_TOKEN', '__tests__/core/redact.test.ts'],
    // Terraform's expressions between the colon and the at sign.
    ['PostgreSQLConnection', 'terraform/modules/service/database.tf'],
  ];
  const isMadeUp = ([kind, file]: [string, string]): boolean =>
    (inTests.includes(kind) && /^(__tests__|sample-app\/test)\//.test(file)) ||
    madeUp.some(([one, where]) => one === kind && where === file);

  it('are in no file that is committed', () => {
    const files = committed.filter((file) => !/^dist\/|package-lock\.json$/.test(file));
    expect(secretlint(root, files).filter((found) => !isMadeUp(found))).toEqual([]);
  }, 120_000);

  // In pieces, so that nobody finds them here.
  it.each([
    ['AWSSecretAccessKey', `AWS_SECRET_ACCESS_KEY = ${'wJalrXUtnFEMI/K7MDENG'}${'/bPxRfiCYzzzzzzzzzz'}`],
    [
      'PrivateKey',
      `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${'MIIEow'.repeat(20)}\n-----END RSA PRIVATE KEY-----`,
    ],
    ['GITHUB_TOKEN', `token: ${'ghp'}_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}`],
    ['PostgreSQLConnection', `url: postgres://shop:${'Xk29dkMw'}@db.example.com:5432/shop`],
  ])('are found: %s', (kind, text) => {
    const folder = temporaryFolder('secret');
    writeFileSync(join(folder, 'settings.txt'), `${text}\n`);
    expect(secretlint(folder, ['settings.txt'])).toEqual([[kind, 'settings.txt']]);
  });
});

describeWith(['hadolint'], 'Dockerfiles', () => {
  const dockerfiles = committed.filter((file) => /(^|\/)Dockerfile$/.test(file));

  it.each(dockerfiles)('%s is as it should be', (file) => {
    const settings = file.startsWith('local-cloud/') ? 'local-cloud/hadolint.yaml' : undefined;
    expect(hadolint(root, file, settings)).toBe('');
  });

  it.each([
    ['an image that may be any', 'FROM node\n', 'DL3006'],
    ['the latest of all', 'FROM node:latest\n', 'DL3007'],
    ['root at the end', 'FROM node:24\nUSER root\n', 'DL3002'],
    ['a fault in a script', 'FROM node:24\nRUN echo $HOME/*.js | xargs rm $1\n', 'SC2086'],
  ])('%s is found', (_, text, finding) => {
    expect(hadolint(repositoryWith({ Dockerfile: text }), 'Dockerfile')).toContain(finding);
  });
});

describe('sources', () => {
  it.each([
    [
      'a command of somebody else',
      "import { exec } from 'node:child_process';\nexec(process.argv[2]);\n",
      'child-process',
    ],
    ['code of somebody else', 'eval(process.argv[2]);\n', 'eval-with-expression'],
    ['a pattern that never ends', 'console.log(/(a+)+$/.test(process.argv[2]));\n', 'unsafe-regex'],
  ])('%s is found', (_, text, rule) => {
    const program = join(root, 'node_modules/eslint/bin/eslint.js');
    const parameters = ['--max-warnings', '0', '--stdin', '--stdin-filename', 'scripts/planted.mjs'];
    const { status, stdout } = spawnSync(process.execPath, [program, ...parameters], {
      cwd: root,
      input: text,
      encoding: 'utf8',
    });
    expect(stdout).toContain(`security/detect-${rule}`);
    expect(status).toBe(1);
  });
});
