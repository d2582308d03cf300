import { gunzipSync } from 'node:zlib';
import type { Image } from './types.ts';

/** A registry's repository with a tag or a digest, as people and Docker write it. */
export interface Reference {
  /** Registry and path without tag; '' when only a tag or digest was given. */
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;
/** Docker's rule for a tag: at most 128 characters, not starting with a dot or hyphen. */
const tagPattern = /^\w[\w.-]{0,127}$/;

/**
 * Reads the input `image`: a tag ("v1.2"), a digest ("sha256:…"), or a full reference ("host/name:tag",
 * "host/name@sha256:…", "host/name:tag@sha256:…").
 * @returns undefined when it is none of these
 */
export function parseReference(text: string): Reference | undefined {
  if (digestPattern.test(text)) return { repository: '', tag: undefined, digest: text };
  if (!text.includes('/'))
    return tagPattern.test(text) ? { repository: '', tag: text, digest: undefined } : undefined;
  const [name = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return undefined;
  // A colon before the last slash belongs to the registry's port.
  const colon = name.indexOf(':', name.lastIndexOf('/'));
  const repository = colon === -1 ? name : name.slice(0, colon);
  const tag = colon === -1 ? undefined : name.slice(colon + 1);
  if (repository.endsWith('/') || repository.startsWith('/')) return undefined;
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  if (tag === undefined && digest === undefined) return { repository, tag: 'latest', digest };
  return { repository, tag, digest };
}

/** The parts of repository@digest; each is '' where the text has it not. */
export function splitDigest(reference: string): { repository: string; digest: string } {
  const [repository = '', digest = ''] = reference.split('@');
  return { repository, digest };
}

/** The image of a repository, without tag, with this digest. `built` is whether this run built and pushed it. */
export function toImage({
  repository,
  digest,
  tag,
  built = false,
}: Pick<Image, 'repository' | 'digest' | 'tag'> & { built?: boolean }): Image {
  return { repository, digest, tag, reference: `${repository}@${digest}`, built };
}

/** 123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop */
const ecrPattern = /^(\d{12})\.dkr[.-]ecr\.([a-z0-9-]+)\.[a-z0-9.-]+\/(.+)$/;

/** Account, region and name of an ECR repository's URI, or undefined for another registry. */
export function parseEcrRepository(
  repository: string,
): { registryId: string; region: string; name: string } | undefined {
  const [, registryId, region, name] = ecrPattern.exec(repository) ?? [];
  if (registryId === undefined || region === undefined || name === undefined) return undefined;
  return { registryId, region, name };
}

/** The registry of a repository URI: what `docker login` wants. */
export function registryHost(repository: string): string {
  return repository.split('/')[0] ?? repository;
}

/** The path of a repository URI below its registry. */
export function repositoryName(repository: string): string {
  return repository.slice(registryHost(repository).length + 1);
}

/** The first image by digest, with its registry, that a script names. */
export function imageIn(script: string): string | undefined {
  return /[\w.:-]+\/[\w./-]+@sha256:[0-9a-f]{64}/.exec(script)?.[0];
}

/** The same for the user data of a launch template: base64, and compressed where cloud-init's tools made it. */
export function imageInUserData(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return imageIn((compressed ? gunzipSync(bytes) : bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
