/** The instance image: built once per content, and again when something that goes into it has changed. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, runCommand, SetupError } from '../host/index.ts';

export const BASE_IMAGE = 'debian:bookworm-slim';
const REPOSITORY = 'asg-deploy-local/instance';
const FILES = fileURLToPath(new URL('./image/', import.meta.url));
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const BUILD_TIMEOUT_SECONDS = 900;

/** Settings of this machine that package managers need inside the build too. */
const BUILD_ARGUMENTS = [
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'PIP_TRUSTED_HOST',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
];

/** This machine's docker client, when it can run in a Linux container. */
function dockerClient(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'docker')).find((file) => existsSync(file));
  return found && realpathSync(found);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What the image depends on, as a tag: the same content gives the same image. */
async function contentTag(client: string | undefined): Promise<string> {
  const hash = createHash('sha256');
  for (const file of filesBelow(FILES)) hash.update(file.slice(FILES.length)).update(readFileSync(file));
  if (existsSync(CERTIFICATES)) hash.update(readFileSync(CERTIFICATES));
  if (client !== undefined) hash.update(`${client} ${statSync(client).size}`);
  const base = await runCommand('docker', ['image', 'inspect', '--format', '{{.Id}}', BASE_IMAGE]);
  return hash.update(base.stdout).digest('hex').slice(0, 12);
}

/**
 * Builds the image if this machine does not have it yet. The base image is there already, or can be pulled.
 * @returns its name and tag
 * @throws SetupError when it can't be built
 */
export async function ensureInstanceImage(log: (line: string) => void): Promise<string> {
  const client = dockerClient();
  const image = `${REPOSITORY}:${await contentTag(client)}`;
  if ((await runCommand('docker', ['image', 'inspect', image])).exitCode === 0) return image;
  log('building the instance image (once; about a minute)');
  const context = mkdtempSync(join(tmpdir(), 'asg-local-image-'));
  try {
    cpSync(FILES, context, { recursive: true });
    const machine = join(context, 'machine');
    mkdirSync(machine);
    // COPY wants at least one file.
    for (const [from, to] of [
      [CERTIFICATES, 'ca-certificates.crt'],
      [client, 'docker'],
      [join(FILES, 'Dockerfile'), 'kept'],
    ] as const)
      if (from !== undefined && existsSync(from)) copyFileSync(from, join(machine, to));
    const given = BUILD_ARGUMENTS.filter((name) => process.env[name] !== undefined);
    const parameters = ['build', '--tag', image, ...given.flatMap((name) => ['--build-arg', name]), context];
    const built = await runCommand('docker', parameters, { timeoutSeconds: BUILD_TIMEOUT_SECONDS });
    if (built.exitCode !== 0)
      throw new SetupError('the instance image could not be built', {
        why: lastLines(built),
        next: `see that ${BASE_IMAGE} and the Debian and PyPI registries can be reached, then run this again`,
      });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  return image;
}
