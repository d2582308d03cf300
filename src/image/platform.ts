import { BatchGetImageCommand, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import type { Image } from '../core/index.ts';
import { parseEcrRepository, repositoryName } from '../core/index.ts';
import { fetchOut } from '../proxy/index.ts';
import type { Run } from '../run/index.ts';
import type { RepositoryAccess } from './ecr.ts';
import { named, openRepository } from './ecr.ts';

interface Platform {
  os?: string;
  architecture?: string;
}

/** What a manifest or an index says, as far as platforms go (OCI image specification, manifest and image index). */
interface Manifest {
  config?: { digest?: string };
  manifests?: { digest?: string; platform?: Platform }[];
}

/** An image's configuration, as far as it is read (OCI image specification, image configuration). */
interface Configuration extends Platform {
  config?: { Labels?: Record<string, string> | null };
}

const acceptedMediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

const requestMilliseconds = 10_000;

/**
 * The platforms that an image runs on, such as linux/amd64, as its registry has them.
 * @returns none where that can't be known: another registry than ECR, or a role that may not read it
 */
export async function platformsOf(run: Run, image: Image): Promise<string[]> {
  const ecr = parseEcrRepository(image.repository);
  const access = openRepository(run, ecr?.name ?? repositoryName(image.repository), ecr);
  try {
    return platformNames(await readPlatforms(access, image.digest));
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.debug(`the platform of ${image.reference} is not known: ${String(error)}`);
    return [];
  } finally {
    access.client.destroy();
  }
}

/** Platforms as Docker writes them. Pure. */
export function platformNames(platforms: readonly Platform[]): string[] {
  return platforms.flatMap(({ os, architecture }) =>
    // BuildKit's attestations are entries of an index, too, for the platform unknown/unknown.
    os === undefined || architecture === undefined || os === 'unknown' ? [] : [`${os}/${architecture}`],
  );
}

/**
 * The labels of an image; of an index, those of its first image.
 * @throws when the registry can't be asked
 */
export async function readLabels(access: RepositoryAccess, digest: string): Promise<Record<string, string>> {
  const manifest = await readManifest(access, digest);
  const [first] =
    manifest.manifests?.filter(({ platform = {} }) => platformNames([platform]).length > 0) ?? [];
  const image = first?.digest === undefined ? manifest : await readManifest(access, first.digest);
  return (await readConfiguration(access, image))?.config?.Labels ?? {};
}

async function readPlatforms(access: RepositoryAccess, digest: string): Promise<Platform[]> {
  const manifest = await readManifest(access, digest);
  if (manifest.manifests) return manifest.manifests.map(({ platform }) => platform ?? {});
  const configuration = await readConfiguration(access, manifest);
  return configuration === undefined ? [] : [configuration];
}

async function readManifest(access: RepositoryAccess, digest: string): Promise<Manifest> {
  const { images } = await access.client.send(
    new BatchGetImageCommand({ ...named(access), imageIds: [{ imageDigest: digest }], acceptedMediaTypes }),
  );
  return JSON.parse(images?.[0]?.imageManifest ?? '{}') as Manifest;
}

async function readConfiguration(
  access: RepositoryAccess,
  manifest: Manifest,
): Promise<Configuration | undefined> {
  if (manifest.config?.digest === undefined) return undefined;
  const { downloadUrl = '' } = await access.client.send(
    new GetDownloadUrlForLayerCommand({ ...named(access), layerDigest: manifest.config.digest }),
  );
  const response = await fetchOut(downloadUrl, { signal: AbortSignal.timeout(requestMilliseconds) });
  if (!response.ok) throw new Error(`the configuration of the image: HTTP ${response.status}`);
  return (await response.json()) as Configuration;
}
