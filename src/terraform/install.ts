import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DeployError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { untilAbort } from '../run/index.ts';

export const publicReleases = 'https://releases.hashicorp.com';

/** Terraform's own names for Node's platforms and architectures. */
const systems: Record<string, string> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' };

/** Where a release lies: on the public server and on every mirror that keeps its layout. */
export function releaseFiles(
  version: string,
  base: string = publicReleases,
  machine: { platform: string; arch: string } = process,
): { archive: string; archiveUrl: string; checksumsUrl: string } {
  const system = systems[machine.platform] ?? machine.platform;
  const archive = `terraform_${version}_${system}_${architectures[machine.arch] ?? machine.arch}.zip`;
  const folder = `${base.replace(/\/+$/, '')}/terraform/${version}`;
  return {
    archive,
    archiveUrl: `${folder}/${archive}`,
    checksumsUrl: `${folder}/terraform_${version}_SHA256SUMS`,
  };
}

/** The SHA-256 of a file in the text of a SHA256SUMS file, 64 hex digits, or undefined when it is not listed. */
export function checksumOf(checksums: string, archive: string): string | undefined {
  const line = checksums.split('\n').find((text) => text.trim().split(/\s+\*?/)[1] === archive);
  const sum = line?.trim().split(/\s+/)[0]?.toLowerCase();
  return sum !== undefined && /^[0-9a-f]{64}$/.test(sum) ? sum : undefined;
}

/**
 * Installs one version of Terraform from the public releases or the user's mirror, or finds it in the runner's tool cache.
 * @returns the path of the program
 * @throws DeployError terraform-unavailable when it can't be had or its checksum is not the published one
 */
export async function installTerraform(run: Run, why: string, version: string): Promise<string> {
  const { terraformMirror } = run.inputs;
  const toolCache = await import('@actions/tool-cache');
  const cacheThere = (process.env.RUNNER_TOOL_CACHE ?? '') !== '';
  const program = process.platform === 'win32' ? 'terraform.exe' : 'terraform';
  const cached = cacheThere ? toolCache.find('terraform', version) : '';
  if (cached !== '') return join(cached, program);

  const { archive, archiveUrl, checksumsUrl } = releaseFiles(version, terraformMirror);
  run.log.line(`Terraform: ${why}; installing ${version} from ${archiveUrl}`);
  const folder = join(run.temporaryDirectory, 'terraform-release');
  await mkdir(folder, { recursive: true });
  const zip = join(folder, archive);
  const sums = join(folder, 'SHA256SUMS');
  // Its tries and pauses are not ours to end: a cancelled run goes on without it.
  const downloadTool = (url: string, path: string) =>
    untilAbort(toolCache.downloadTool(url, path), run.signal);
  await download(downloadTool, checksumsUrl, { path: sums, why, version });
  await download(downloadTool, archiveUrl, { path: zip, why, version });
  await verify(zip, checksumOf(await readFile(sums, 'utf8'), archive), { archiveUrl, checksumsUrl });

  const extracted = await toolCache.extractZip(zip, join(folder, 'bin'));
  await chmod(join(extracted, program), 0o755);
  const installed = cacheThere ? await toolCache.cacheDir(extracted, 'terraform', version) : extracted;
  return join(installed, program);
}

async function download(
  downloadTool: (url: string, path: string) => Promise<string>,
  url: string,
  { path, why, version }: { path: string; why: string; version: string },
): Promise<void> {
  try {
    await downloadTool(url, path);
  } catch (cause) {
    if (cause instanceof DeployError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DeployError({
      reason: 'terraform-unavailable',
      message: `there is no Terraform to work with: ${why}, and ${url} can't be downloaded: ${reason}`,
      left: 'Nothing was touched.',
      next: `put terraform ${version} on the PATH (for example with hashicorp/setup-terraform), give another one that the root allows as terraform-version, or name a mirror of the releases as terraform-mirror`,
      cause,
    });
  }
}

async function verify(
  zip: string,
  expected: string | undefined,
  { archiveUrl, checksumsUrl }: { archiveUrl: string; checksumsUrl: string },
): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(zip), hash);
  const actual = hash.digest('hex');
  if (expected === actual) return;
  throw new DeployError({
    reason: 'terraform-unavailable',
    message:
      expected === undefined
        ? `${checksumsUrl} lists no checksum for the downloaded Terraform`
        : `the Terraform that was downloaded from ${archiveUrl} is not the published one`,
    evidence: [
      { label: 'published SHA-256', text: expected ?? 'none' },
      { label: 'downloaded SHA-256', text: actual },
    ],
    left: 'The download was not run; nothing was touched.',
    next: 'check the mirror (terraform-mirror) and terraform-version, or put terraform on the PATH yourself',
  });
}
