/**
 * Repositories and images with ECR's rules. Both doors lead here: ECR's API (ecr.ts) and the OCI distribution
 * API that docker speaks (oci.ts). Errors carry ECR's own codes and words.
 */
import { createHash } from 'node:crypto';
import { ApiError } from '../gateway/index.ts';
import type { Blobs } from './blobs.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import type { Storage } from './storage-class.ts';

export type TagMutability = 'MUTABLE' | 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION';

export interface ExclusionFilter {
  filterType: string;
  filter: string;
}

export interface Image {
  digest: string;
  mediaType: string;
  /** Exactly the bytes that were pushed: the digest is theirs. */
  manifest: Buffer;
  artifactMediaType?: string;
  /** Of configuration and layers, compressed. */
  sizeInBytes: number;
  pushedAt: Date;
  lastPulledAt?: Date;
  storage: Storage;
}

export interface Repository {
  name: string;
  arn: string;
  uri: string;
  createdAt: Date;
  mutability: TagMutability;
  exclusionFilters: ExclusionFilter[];
  scanOnPush: boolean;
  encryption: Record<string, unknown>;
  lifecyclePolicy?: { text: string; evaluatedAt: Date };
  policyText?: string;
  tags: Map<string, string>;
  images: Map<string, Image>;
  imageTags: Map<string, string>;
  /** Layers and configurations that were pushed or mounted here. */
  layers: Set<string>;
}

/** How an image is named: by digest, by tag, or by both, which must then agree. */
export interface ImageId {
  imageDigest?: string;
  imageTag?: string;
}

/** `*` stands for any run of characters (ECR API reference, ImageTagMutabilityExclusionFilter). */
function matchesWildcard(pattern: string, tag: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return tag === first;
  const last = rest.pop() ?? '';
  if (!tag.startsWith(first) || tag.length < first.length + last.length || !tag.endsWith(last)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = tag.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position <= tag.length - last.length;
}

/** Whether a tag, once set, may not move to another image. */
export function isImmutable(
  repository: Pick<Repository, 'mutability' | 'exclusionFilters'>,
  tag: string,
): boolean {
  const excluded = repository.exclusionFilters.some(({ filter }) => matchesWildcard(filter, tag));
  switch (repository.mutability) {
    case 'MUTABLE':
      return false;
    case 'IMMUTABLE':
      return true;
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !excluded;
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded;
  }
}

/** Repositories with their images and tags, for the OCI registry and for ECR's API alike. */
export class Repositories {
  readonly registryId: string;
  readonly #host: string;
  readonly region: string;
  readonly #repositories = new Map<string, Repository>();
  readonly blobs: Blobs;

  constructor({
    registryId,
    host,
    region,
    blobs,
  }: {
    registryId: string;
    host: string;
    region: string;
    blobs: Blobs;
  }) {
    this.registryId = registryId;
    this.#host = host;
    this.region = region;
    this.blobs = blobs;
  }

  clear(): void {
    this.#repositories.clear();
    this.blobs.clear();
  }

  list(): Repository[] {
    return [...this.#repositories.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  get(name: string): Repository {
    const repository = this.#repositories.get(name);
    if (repository !== undefined) return repository;
    const where = `does not exist in the registry with id '${this.registryId}'`;
    throw new ApiError('RepositoryNotFoundException', `The repository with name '${name}' ${where}`);
  }

  byArn(arn: string): Repository {
    return this.get(arn.split(':repository/').at(-1) ?? '');
  }

  create(
    name: string,
    settings: Pick<Repository, 'mutability' | 'exclusionFilters' | 'scanOnPush'>,
  ): Repository {
    if (this.#repositories.has(name)) {
      const where = `already exists in the registry with id '${this.registryId}'`;
      throw new ApiError('RepositoryAlreadyExistsException', `The repository with name '${name}' ${where}`);
    }
    const repository: Repository = {
      ...settings,
      name,
      arn: `arn:aws:ecr:${this.region}:${this.registryId}:repository/${name}`,
      uri: `${this.#host}/${name}`,
      createdAt: new Date(),
      encryption: { encryptionType: 'AES256' },
      tags: new Map(),
      images: new Map(),
      imageTags: new Map(),
      layers: new Set(),
    };
    this.#repositories.set(name, repository);
    return repository;
  }

  delete(name: string, force: boolean): Repository {
    const repository = this.get(name);
    if (repository.images.size > 0 && !force) {
      const why = 'cannot be deleted because it still contains images';
      const what = `The repository with name '${name}' in registry with id '${this.registryId}' ${why}`;
      throw new ApiError('RepositoryNotEmptyException', what);
    }
    this.#repositories.delete(name);
    return repository;
  }

  /** The image, or undefined. A digest and a tag that disagree name no image. */
  find(repository: Repository, { imageDigest, imageTag }: ImageId): Image | undefined {
    const tagged = imageTag === undefined ? undefined : repository.imageTags.get(imageTag);
    if (imageTag !== undefined && tagged === undefined) return undefined;
    if (imageDigest !== undefined && tagged !== undefined && tagged !== imageDigest) return undefined;
    const digest = imageDigest ?? tagged;
    return digest === undefined ? undefined : repository.images.get(digest);
  }

  tagsOf(repository: Repository, digest: string): string[] {
    return [...repository.imageTags].filter(([, tagged]) => tagged === digest).map(([tag]) => tag);
  }

  /**
   * Puts a manifest, under a tag when one is given.
   * @returns the image, and whether it was new or its tag moved; false means that nothing was changed
   * @throws ApiError ImageTagAlreadyExistsException, LayersNotFoundException, ReferencedImagesNotFoundException,
   *   ImageDigestDoesNotMatchException, InvalidParameterException
   */
  put(
    repository: Repository,
    { manifest, mediaType, ...id }: ImageId & { manifest: Buffer; mediaType?: string },
  ): { image: Image; changed: boolean } {
    const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
    if (id.imageDigest !== undefined && id.imageDigest !== digest) {
      const why = 'does not match the digest computed from the image manifest';
      throw new ApiError(
        'ImageDigestDoesNotMatchException',
        `The provided image digest '${id.imageDigest}' ${why}`,
      );
    }
    const parsed = parseManifest(manifest, mediaType);
    const previous = id.imageTag === undefined ? undefined : repository.imageTags.get(id.imageTag);
    if (id.imageTag !== undefined && previous !== undefined && previous !== digest) {
      this.#refuseMove(repository, id.imageTag);
    }
    this.#requireParts(repository, parsed);
    const existing = repository.images.get(digest);
    const image = existing ?? this.#newImage(digest, manifest, parsed);
    repository.images.set(digest, image);
    if (id.imageTag !== undefined) repository.imageTags.set(id.imageTag, digest);
    const sameTag = id.imageTag === undefined || previous === digest;
    return { image, changed: existing === undefined || !sameTag };
  }

  #refuseMove(repository: Repository, tag: string): void {
    if (!isImmutable(repository, tag)) return;
    const where = `already exists in the '${repository.name}' repository`;
    const why = 'and cannot be overwritten because the repository is immutable.';
    throw new ApiError('ImageTagAlreadyExistsException', `The image tag '${tag}' ${where} ${why}`);
  }

  #requireParts(repository: Repository, { layers, children }: Manifest): void {
    const where = `in the repository with name '${repository.name}' in registry with id '${this.registryId}'`;
    const missing = layers.filter(({ digest }) => !repository.layers.has(digest));
    if (missing.length > 0) {
      const names = missing.map(({ digest }) => digest).join(', ');
      throw new ApiError(
        'LayersNotFoundException',
        `Layers with digests '[${names}]' required for pushing image do not exist ${where}`,
      );
    }
    const absent = children.filter((digest) => !repository.images.has(digest));
    if (absent.length > 0) {
      throw new ApiError(
        'ReferencedImagesNotFoundException',
        `Images with digests '[${absent.join(', ')}]' required for pushing image do not exist ${where}`,
      );
    }
  }

  #newImage(digest: string, manifest: Buffer, parsed: Manifest): Image {
    const { mediaType, artifactMediaType } = parsed;
    const sizeInBytes = parsed.layers.reduce((sum, { size }) => sum + size, 0);
    return { digest, mediaType, artifactMediaType, manifest, sizeInBytes, pushedAt: new Date(), storage: {} };
  }

  /** Removes a tag, or an image with all its tags. Gives what was removed; undefined when there was nothing. */
  remove(repository: Repository, id: ImageId): ImageId[] | undefined {
    const image = this.find(repository, id);
    if (image === undefined) return undefined;
    const tags = this.tagsOf(repository, image.digest);
    if (id.imageDigest === undefined && id.imageTag !== undefined && tags.length > 1) {
      repository.imageTags.delete(id.imageTag);
      return [{ imageDigest: image.digest, imageTag: id.imageTag }];
    }
    for (const tag of tags) repository.imageTags.delete(tag);
    repository.images.delete(image.digest);
    if (tags.length === 0) return [{ imageDigest: image.digest }];
    return tags.map((imageTag) => ({ imageDigest: image.digest, imageTag }));
  }
}
