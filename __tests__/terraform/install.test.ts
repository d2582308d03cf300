import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { prepareTerraform } from '../../src/terraform/index.ts';
import { checksumOf, releaseFiles } from '../../src/terraform/install.ts';
import { fakeRun } from '../support/fake-run.ts';
import { contractRoot, writeRoot } from '../support/terraform-roots.ts';
import { temporaryFolder } from '../support/folders.ts';
import { describeWith } from '../support/tools.ts';

/** Installing a pinned Terraform, from a release server of the test's own. */

const version = '1.11.4';

/** Holds what is needed to unpack and to run a script, and no terraform. */
function pathWithout(): string {
  const folder = temporaryFolder('path');
  for (const tool of ['unzip', 'sh', 'cat']) {
    const found = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(join(folder, tool), `#!/bin/sh\nexec ${found} "$@"\n`);
    chmodSync(join(folder, tool), 0o755);
  }
  return folder;
}

function program(says: string): string {
  return `#!/bin/sh\necho '{"terraform_version": "${says}"}'\n`;
}

function zipOf(folder: string): Buffer {
  writeFileSync(join(folder, 'terraform'), program(version));
  chmodSync(join(folder, 'terraform'), 0o755);
  const zip = join(folder, 'terraform.zip');
  spawnSync('zip', ['-q', '-j', zip, join(folder, 'terraform')]);
  return readFileSync(zip);
}

const kept = {
  PATH: process.env.PATH,
  RUNNER_TOOL_CACHE: process.env.RUNNER_TOOL_CACHE,
  RUNNER_TEMP: process.env.RUNNER_TEMP,
};
let server: Server;
let requests: string[];
let files: Map<string, Buffer | string>;
let mirror: string;
let folder: string;

beforeEach(async () => {
  folder = temporaryFolder('release');
  requests = [];
  files = new Map();
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.PATH = pathWithout();
  process.env.RUNNER_TEMP = folder;
  process.env.RUNNER_TOOL_CACHE = join(folder, 'cache');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});

function publish(sum?: string): void {
  const { archive, archiveUrl, checksumsUrl } = releaseFiles(version, '');
  const path = process.env.PATH;
  process.env.PATH = kept.PATH;
  const zip = zipOf(folder);
  process.env.PATH = path;
  files.set(archiveUrl, zip);
  files.set(checksumsUrl, `${sum ?? createHash('sha256').update(zip).digest('hex')}  ${archive}\n`);
}

describeWith(['zip', 'unzip'], 'a machine without terraform', () => {
  it('gets the pinned one from the mirror, and from the tool cache the next time', async () => {
    publish();
    const { run, lines } = fakeRun('http://127.0.0.1:1', { terraformMirror: mirror });
    const terraform = await prepareTerraform(run);
    expect(terraform).toMatchObject({ flavour: 'terraform', version });
    expect(terraform.binary.startsWith(join(folder, 'cache'))).toBe(true);
    expect(lines[0]).toContain('neither terraform nor tofu is on the PATH; installing 1.11.4');
    const count = requests.length;
    expect(count).toBe(2);
    await expect(prepareTerraform(run)).resolves.toMatchObject({ version });
    expect(requests).toHaveLength(count);
  });

  it('does without a tool cache', async () => {
    publish();
    Reflect.deleteProperty(process.env, 'RUNNER_TOOL_CACHE');
    const { run } = fakeRun('http://127.0.0.1:1', { terraformMirror: mirror });
    const { binary } = await prepareTerraform(run);
    expect(binary.startsWith(run.temporaryDirectory)).toBe(true);
  });

  it('replaces one that is too old', async () => {
    publish();
    const old = join(process.env.PATH ?? '', 'terraform');
    writeFileSync(old, program('1.5.7'));
    chmodSync(old, 0o755);
    const { run, lines } = fakeRun('http://127.0.0.1:1', { terraformMirror: mirror });
    await expect(prepareTerraform(run)).resolves.toMatchObject({ version });
    expect(lines[0]).toContain(`${old} is 1.5.7, 1.11 or later is needed`);
  });

  it.each([
    ['~> 1.14.0', undefined, '1.14.0'],
    ['~> 1.14.0', '1.14.2', '1.14.2'],
    ['>= 1.11', '1.12.1', '1.12.1'],
  ])(
    'asks for the version that the root (%s) and terraform-version (%s) demand',
    async (constraint, exact, wanted) => {
      const own = join(process.env.PATH ?? '', 'terraform');
      writeFileSync(own, program('1.11.4'));
      chmodSync(own, 0o755);
      const root = writeRoot({
        'main.tf': contractRoot,
        'versions.tf': `terraform { required_version = "${constraint}" }`,
      });
      const { run } = fakeRun('http://127.0.0.1:1', { terraformMirror: mirror, terraformVersion: exact });
      await expect(prepareTerraform(run, root)).rejects.toMatchObject({
        reason: 'terraform-unavailable',
        message: expect.stringContaining(`${own} is 1.11.4`),
        next: expect.stringContaining(`put terraform ${wanted} on the PATH`),
      });
      expect(requests[0]).toBe(`/terraform/${wanted}/terraform_${wanted}_SHA256SUMS`);
    },
  );

  it.each([
    ['~> 1.5.0', undefined, /no version of Terraform is 1\.11\.0 or later/],
    ['~> 1.14.0', '1.11.4', /terraform-version is 1\.11\.4, which is not what the root/],
  ])(
    'refuses a root (%s) that no version (%s) will do for, and asks nobody',
    async (constraint, exact, message) => {
      const root = writeRoot({
        'main.tf': contractRoot,
        'versions.tf': `terraform { required_version = "${constraint}" }`,
      });
      const { run } = fakeRun('http://127.0.0.1:1', { terraformMirror: mirror, terraformVersion: exact });
      await expect(prepareTerraform(run, root)).rejects.toMatchObject({
        reason: 'terraform-contract',
        message: expect.stringMatching(message),
        evidence: expect.arrayContaining([{ label: 'versions.tf', text: `required_version ${constraint}` }]),
      });
      expect(requests).toEqual([]);
    },
  );

  it('runs nothing whose checksum is not the published one', async () => {
    publish('0'.repeat(64));
    const { run } = fakeRun('http://127.0.0.1:1', { terraformMirror: mirror });
    await expect(prepareTerraform(run)).rejects.toMatchObject({
      reason: 'terraform-unavailable',
      message: expect.stringContaining('not the published one'),
      evidence: [expect.objectContaining({ text: '0'.repeat(64) }), expect.anything()],
    });
  });

  it('is told how to get one when there is none to be had', async () => {
    const { run } = fakeRun('http://127.0.0.1:1', { terraformMirror: mirror });
    await expect(prepareTerraform(run)).rejects.toMatchObject({
      reason: 'terraform-unavailable',
      message: expect.stringContaining('404'),
      next: expect.stringContaining('setup-terraform'),
    });
  });

  it('ends at once when the job is cancelled while a mirror keeps it waiting', async () => {
    const { run, controller } = fakeRun('http://127.0.0.1:1', { terraformMirror: mirror });
    let answer = (): void => undefined;
    server.removeAllListeners('request').on('request', (_request, response) => {
      controller.abort(new Error('cancelled'));
      answer = () => void response.writeHead(404).end();
    });
    await expect(prepareTerraform(run)).rejects.toThrow('cancelled');
    answer();
  });
});

it('takes the program behind the wrapper of setup-terraform', async () => {
  const path = process.env.PATH ?? '';
  mkdirSync(path, { recursive: true });
  for (const [name, text] of [
    ['terraform', '#!/bin/sh\nexit 9\n'],
    ['terraform-bin', program('1.12.2')],
  ] as const) {
    writeFileSync(join(path, name), text);
    chmodSync(join(path, name), 0o755);
  }
  const { run } = fakeRun('http://127.0.0.1:1');
  await expect(prepareTerraform(run)).resolves.toEqual({
    flavour: 'terraform',
    version: '1.12.2',
    binary: join(path, 'terraform-bin'),
  });
});

describe('a release', () => {
  it('is where the public server and every mirror keep it', () => {
    const machine = { platform: 'darwin', arch: 'arm64' };
    expect(releaseFiles('1.11.4', 'https://mirror.example/tf/', machine)).toEqual({
      archive: 'terraform_1.11.4_darwin_arm64.zip',
      archiveUrl: 'https://mirror.example/tf/terraform/1.11.4/terraform_1.11.4_darwin_arm64.zip',
      checksumsUrl: 'https://mirror.example/tf/terraform/1.11.4/terraform_1.11.4_SHA256SUMS',
    });
  });

  it.each([
    ['listed', `${'a'.repeat(64)}  x.zip\n${'b'.repeat(64)}  y.zip\n`, 'b'.repeat(64)],
    ['marked as binary', `${'C'.repeat(64)} *y.zip\n`, 'c'.repeat(64)],
    ['not listed', `${'a'.repeat(64)}  x.zip\n`, undefined],
    ['no sum at all', 'Not Found  y.zip', undefined],
  ])('has a checksum that is %s', (_name, text, expected) => {
    expect(checksumOf(text, 'y.zip')).toBe(expected);
  });
});
