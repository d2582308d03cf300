/** What the registry needs to know of a manifest: what it is, and what must be there before it. */
import { ApiError } from '../gateway/index.ts';

export interface Manifest {
  mediaType: string;
  artifactMediaType?: string;
  /** Configuration and layers. Layers that live elsewhere (`urls`) are not listed. */
  layers: { digest: string; size: number }[];
  /** An index's manifests. */
  children: string[];
}

/** Media types of the OCI image spec 1.1 and Docker's image manifest v2, schema 2. */
const IMAGE_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

interface Descriptor {
  digest?: unknown;
  size?: unknown;
  mediaType?: unknown;
  urls?: unknown;
}

function invalid(why: string): ApiError {
  return new ApiError(
    'InvalidParameterException',
    `Invalid parameter at 'ImageManifest' failed to satisfy constraint: '${why}'`,
  );
}

function descriptors(value: unknown): Descriptor[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid('a list of descriptors');
  return value.filter((item): item is Descriptor => typeof item === 'object' && item !== null);
}

function digestOf({ digest }: Descriptor): string {
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest)) throw invalid('a sha256 digest');
  return digest;
}

/**
 * Reads a manifest.
 * @param mediaType as the pusher named it; it wins over the one inside, which Docker's format need not have
 * @throws ApiError InvalidParameterException when it is no manifest of a supported type
 */
export function parseManifest(bytes: Buffer, mediaType?: string): Manifest {
  let content: Record<string, unknown>;
  try {
    content = JSON.parse(bytes.toString()) as Record<string, unknown>;
  } catch {
    throw invalid('Invalid JSON syntax');
  }
  const inside = typeof content.mediaType === 'string' ? content.mediaType : undefined;
  const implied = content.manifests === undefined ? IMAGE_TYPES[0] : INDEX_TYPES[0];
  const type = mediaType ?? inside ?? implied ?? '';
  if (INDEX_TYPES.includes(type)) {
    return { mediaType: type, layers: [], children: descriptors(content.manifests).map(digestOf) };
  }
  if (!IMAGE_TYPES.includes(type)) throw invalid(`'${type}' is not a supported manifest type`);
  const config = descriptors([content.config])[0];
  if (config === undefined) throw invalid('the manifest has no config');
  const parts = [config, ...descriptors(content.layers).filter(({ urls }) => urls === undefined)];
  return {
    mediaType: type,
    artifactMediaType: typeof config.mediaType === 'string' ? config.mediaType : undefined,
    layers: parts.map((part) => ({ digest: digestOf(part), size: Number(part.size ?? 0) })),
    children: [],
  };
}
