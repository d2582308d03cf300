import { beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedPaths, hiddenPaths } from '../../src/image/checkout.ts';
import { currentCommit, decideIdentity, findIdentity } from '../../src/image/identity.ts';
import type { Inputs } from '../../src/inputs/table.ts';
import { fakeRun } from '../support/fake-run.ts';
import { commitAll } from '../support/folders.ts';
import { writeRoot } from '../support/terraform-roots.ts';

const commit = 'a'.repeat(40);
const plain = {
  commit,
  prefix: '',
  files: '',
  buildFiles: 'd',
  ownDockerfile: true,
  buildArguments: [],
  target: '',
  platform: 'linux/amd64',
};

describe('decideIdentity', () => {
  it('names the plain build of a commit by the commit', () => {
    expect(decideIdentity(plain).tag).toBe(commit);
  });

  it.each([
    ['another context', { prefix: 'app' }],
    ['files that are not the commit’s', { files: 'f' }],
    ['another Dockerfile', { ownDockerfile: false, buildFiles: 'e' }],
    ['build arguments', { buildArguments: ['API=secret-address'] }],
    ['a target', { target: 'test' }],
    ['another platform', { platform: 'linux/arm64' }],
  ])('adds a digest for %s', (_name, changed) => {
    const { tag } = decideIdentity({ ...plain, ...changed });
    expect(tag.slice(0, 41)).toBe(`${commit}-`);
    expect(tag.slice(41)).toMatch(/^[0-9a-f]{8}$/);
    expect(tag).not.toBe(decideIdentity(plain).exactTag);
  });

  it('tells values apart and not their order', () => {
    const tagOf = (...buildArguments: string[]) => decideIdentity({ ...plain, buildArguments }).tag;
    expect(tagOf('A=1', 'B=2')).toBe(tagOf('B=2', 'A=1'));
    expect(tagOf('A=1')).not.toBe(tagOf('A=2'));
  });
});

describe('a checkout', () => {
  let folder = '';
  let head = '';
  beforeEach(() => {
    folder = writeRoot({
      Dockerfile: 'FROM scratch\n',
      'app/Dockerfile': 'FROM scratch\n',
      'app/main.js': '1',
      '.gitignore': 'dist/\nnode_modules/\n',
      '.dockerignore': 'node_modules\nDockerfile\n',
    });
    head = commitAll(folder);
  });

  async function identify(changed: Partial<Inputs> = {}, githubSha = '') {
    const context = changed.context ?? folder;
    const dockerfile = join(context, 'Dockerfile');
    const { run } = fakeRun('http://127.0.0.1:9', {
      context,
      dockerfile,
      platform: 'linux/amd64',
      ...changed,
    });
    run.github.sha = githubSha;
    return findIdentity(run);
  }
  const write = (file: string, text: string) => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  };

  it('is named after its own commit, whatever the job is for', async () => {
    expect(await identify()).toMatchObject({ tag: head, notes: [] });
    const other = await identify({}, 'b'.repeat(40));
    expect(other.tag).toBe(head);
    expect(other.notes.join()).toContain(`${head} is checked out, and the job is for ${'b'.repeat(40)}`);
  });

  it('that belongs to another user is read all the same', async () => {
    if (process.getuid?.() === 0) chownSync(folder, 65534, 65534);
    expect((await identify()).tag).toBe(head);
  });

  it.each<[string, () => void]>([
    ['a changed file', () => write('app/main.js', '2')],
    ['a removed file', () => rmSync(join(folder, 'app/main.js'))],
    ['a new file', () => write('new/file', 'x')],
    ['what git ignores and docker does not', () => write('dist/main.js', 'x')],
    ['a changed Dockerfile, though docker ignores it', () => write('Dockerfile', 'FROM busybox\n')],
    ['a nested checkout', () => (write('other/file', 'x'), void commitAll(join(folder, 'other')))],
  ])('with %s is another build, and the same one every time', async (_name, change) => {
    change();
    const first = await identify();
    expect(first.tag.slice(0, 41)).toBe(`${head}-`);
    expect(first.tag.slice(41)).toMatch(/^[0-9a-f]{8}$/);
    expect(first.notes.join()).toMatch(/not commit [0-9a-f]{7}'s \(/);
    expect(await identify()).toEqual(first);
  });

  it('is told apart by what generated files hold', async () => {
    write('dist/main.js', 'x');
    const { tag } = await identify();
    write('dist/main.js', 'y');
    expect((await identify()).tag).not.toBe(tag);
  });

  it('is the commit’s with files that docker ignores or that lie outside the context', async () => {
    write('node_modules/a/index.js', 'x');
    expect((await identify()).tag).toBe(head);
    const context = join(folder, 'app');
    const before = await identify({ context });
    write('dist/main.js', 'x');
    expect(await identify({ context })).toEqual(before);
  });

  it('without git is named after all of its content', async () => {
    rmSync(join(folder, '.git'), { recursive: true });
    const { tag } = await identify();
    expect(tag).toMatch(/^content-[0-9a-f]{12}$/);
    write('node_modules/a', 'x');
    expect((await identify()).tag).toBe(tag);
    chmodSync(join(folder, 'app/main.js'), 0o755);
    expect((await identify()).tag).not.toBe(tag);
  });

  it('says which commit it is, else the job does', async () => {
    const { run } = fakeRun('http://127.0.0.1:9', { context: folder });
    run.github.sha = commit;
    expect(await currentCommit(run)).toBe(head);
    rmSync(join(folder, '.git'), { recursive: true });
    expect(await currentCommit(run)).toBe(commit);
  });
});

it('reads what git prints', () => {
  expect(changedPaths(' M a b.js\0?? new/\0!! dist/\0')).toEqual(['a b.js', 'new/', 'dist/']);
  expect(hiddenPaths('H a\0S sparse\0h assumed\0')).toEqual(['sparse', 'assumed']);
});
