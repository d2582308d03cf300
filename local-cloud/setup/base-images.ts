/**
 * Base images: pulled where a registry can be reached, else made on this machine from Debian's and npm's
 * packages, under the name that a Dockerfile's FROM asks for.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, installPackages, mayInstallPackages } from './apt.ts';
import { type CommandResult, lastLines, runCommand, SetupError } from '../host/index.ts';

export const DEBIAN_IMAGE = 'debian:bookworm-slim';
export const NODE_IMAGE = 'node:24-bookworm-slim';
/** Marks the images that were made here, so that they can be told from the published ones. */
const MADE = 'asg-deploy.local-cloud.made-here';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const MIRROR = 'http://deb.debian.org/debian';
/** The npm that Node 24 comes with is of this major version. */
const NPM = 'npm@11.21.2';

type Say = (line: string) => void;

/** Whether Docker has an image of this name. */
export async function hasImage(image: string): Promise<boolean> {
  return (await runCommand('docker', ['image', 'inspect', '--format', '{{.Id}}', image])).exitCode === 0;
}

/** Why an image can't be had; thrown after pulling and making have both failed. */
function unobtainable(image: string, pulled: CommandResult, why: string): SetupError {
  return new SetupError(`The base image ${image} can not be had. Nothing was started.`, {
    why: `docker pull: ${lastLines(pulled, 2)}\n${why}`,
    next: `make \`docker pull ${image}\` work, or load the image (docker load), and run this again`,
  });
}

/** Tries to pull; what it said is kept for the message when making fails too. */
async function pull(image: string, say: Say): Promise<CommandResult> {
  say(`pulling ${image}`);
  return runCommand('docker', ['pull', '--quiet', image], { timeoutSeconds: 300 });
}

/** Runs one step of making an image; throws what it said when it fails. */
async function step(command: string, parameters: string[], timeoutSeconds = 600): Promise<string> {
  const result = await runCommand(command, parameters, { timeoutSeconds });
  if (result.exitCode !== 0) throw new Error(`${command} ${parameters[0]}: ${lastLines(result, 4)}`);
  return result.stdout.trim();
}

/**
 * Makes Debian's minimal system. It carries this machine's certificate bundle, in a place from which Debian's
 * own tool takes it over, so that builds reach the registries that the machine reaches.
 */
async function makeDebian(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'asg-local-debian-'));
  const archive = join(folder, 'root.tar');
  const trust = ['etc/ssl/certs', 'usr/local/share/ca-certificates'];
  const certificates = existsSync(CERTIFICATES)
    ? [
        `--customize-hook=mkdir -p ${trust.map((path) => `"$1/${path}"`).join(' ')}`,
        `--customize-hook=copy-in ${CERTIFICATES} /${trust[0]}`,
        `--customize-hook=copy-in ${CERTIFICATES} /${trust[1]}`,
      ]
    : [];
  try {
    const slim = ['--dpkgopt=path-exclude=/usr/share/doc/*', '--dpkgopt=path-exclude=/usr/share/man/*'];
    const options = ['--variant=minbase', '--aptopt=Acquire::Languages "none"', ...slim, ...certificates];
    await step('mmdebstrap', [...options, 'bookworm', archive, MIRROR]);
    const environment = [`ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, `ENV SSL_CERT_FILE=${CERTIFICATES}`];
    const changes = ['CMD ["bash"]', `LABEL ${MADE}=true`, ...(certificates.length > 0 ? environment : [])];
    const flags = changes.flatMap((change) => ['--change', change]);
    await step('docker', ['import', ...flags, archive, DEBIAN_IMAGE]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pulls Debian's image or makes it. @throws SetupError when it can be neither */
export async function ensureDebian(say: Say): Promise<void> {
  if (await hasImage(DEBIAN_IMAGE)) return;
  const pulled = await pull(DEBIAN_IMAGE, say);
  if (pulled.exitCode === 0) return;
  if (findProgram('mmdebstrap') === undefined) {
    const why = 'making it needs mmdebstrap, which is installed by itself only for root on Debian or Ubuntu';
    if (!mayInstallPackages()) throw unobtainable(DEBIAN_IMAGE, pulled, why);
    await installPackages(['mmdebstrap'], say);
  }
  say(`it can't be pulled; making ${DEBIAN_IMAGE} from Debian's packages (mmdebstrap)`);
  await makeDebian().catch((error: unknown) => {
    throw unobtainable(DEBIAN_IMAGE, pulled, String(error));
  });
}

/** Node's own binary: this one, which npm installed. npm: its package, which holds all that it needs. */
async function makeNode(): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'asg-local-node-'));
  try {
    const [major] = process.versions.node.split('.');
    if (process.platform !== 'linux' || major !== '24') {
      throw new Error(`this is Node ${process.versions.node} on ${process.platform}, not Node 24 on Linux`);
    }
    copyFileSync(process.execPath, join(context, 'node'));
    chmodSync(join(context, 'node'), 0o755);
    await step('npm', ['pack', NPM, '--silent', '--pack-destination', context]);
    mkdirSync(join(context, 'npm'));
    const archive = join(context, `${NPM.replace('@', '-')}.tgz`);
    await step('tar', ['-xzf', archive, '--strip-components=1', '-C', join(context, 'npm')]);
    rmSync(archive);
    await buildImage(NODE_IMAGE, fileURLToPath(new URL('node-image/Dockerfile', import.meta.url)), context);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** Pulls Node's image or makes it, and Debian's for it. @throws SetupError when it can be neither */
export async function ensureNode(say: Say): Promise<void> {
  if (await hasImage(NODE_IMAGE)) return;
  const pulled = await pull(NODE_IMAGE, say);
  if (pulled.exitCode === 0) return;
  await ensureDebian(say);
  say(`it can't be pulled; making ${NODE_IMAGE} from npm's packages`);
  await makeNode().catch((error: unknown) => {
    throw unobtainable(NODE_IMAGE, pulled, String(error));
  });
}

/** docker build, with BuildKit only where its client part is there. Throws what the build said at its end. */
export async function buildImage(
  image: string,
  dockerfile: string,
  context: string,
  labels: string[] = [],
): Promise<void> {
  const buildx = await runCommand('docker', ['buildx', 'version']);
  const environment: Record<string, string> = buildx.exitCode === 0 ? {} : { DOCKER_BUILDKIT: '0' };
  const flags = ['--quiet', '--tag', image, '--file', dockerfile, '--label', `${MADE}=true`];
  const labelled = labels.flatMap((label) => ['--label', label]);
  const parameters = ['build', ...flags, ...labelled, resolve(context)];
  const built = await runCommand('docker', parameters, { environment, timeoutSeconds: 900 });
  if (built.exitCode !== 0) throw new Error(`docker build of ${image}: ${lastLines(built)}`);
}
