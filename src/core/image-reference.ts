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
/** A registry: a host name or address, and a port. */
const domainPattern =
  // eslint-disable-next-line security/detect-unsafe-regex -- points separate its parts
  /^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.(?!$|:)|(?=:|$)))+(:\d+)?$|^\[[0-9a-fA-F:]+\](:\d+)?$/;
/** What a name is made of below its registry: lower case. */
// eslint-disable-next-line security/detect-unsafe-regex -- separators stand between its parts
const pathPattern = /^[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*$/;

const dockerHub = 'docker.io';

/**
 * A repository's name as Docker has it in full: `nginx`, `docker.io/nginx` and `index.docker.io/library/nginx` are
 * `docker.io/library/nginx`. The first part is a registry when it has a dot, a port or a capital, or is localhost; and
 * a registry's name has no case. Pure. https://pkg.go.dev/github.com/distribution/reference
 */
export function normalName(repository: string): string {
  const slash = repository.indexOf('/');
  const first = slash === -1 ? '' : repository.slice(0, slash);
  const isRegistry = /[.:A-Z]/.test(first) || first === 'localhost';
  const host = isRegistry ? first.toLowerCase() : dockerHub;
  const path = isRegistry ? repository.slice(slash + 1) : repository;
  if (host !== dockerHub && host !== `index.${dockerHub}`) return `${host}/${path}`;
  return `${dockerHub}/${path.includes('/') ? path : `library/${path}`}`;
}

/**
 * Reads the input `image`: a tag ("v1.2"), a digest ("sha256:…"), or a reference ("host/name:tag", "name:tag",
 * "host/name@sha256:…", "host/name:tag@sha256:…"), by Docker's grammar. A single word is a tag.
 * @returns undefined when it is none of these; a reference's repository in its normal form
 */
export function parseReference(text: string): Reference | undefined {
  if (digestPattern.test(text)) return { repository: '', tag: undefined, digest: text };
  // A word without a separator is a tag or nothing, and a digest that is cut short no image called sha256.
  if (!/[/:@]/.test(text) && !tagPattern.test(text)) return undefined;
  if (text.startsWith('sha256:')) return undefined;
  if (tagPattern.test(text)) return { repository: '', tag: text, digest: undefined };
  const [name = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return undefined;
  // A colon before the last slash belongs to the registry's port.
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const tag = colon === -1 ? undefined : name.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  const repository = normalName(colon === -1 ? name : name.slice(0, colon));
  if (!domainPattern.test(registryHost(repository)) || !pathPattern.test(repositoryName(repository)))
    return undefined;
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

/** 123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/shop; `ecr-fips`, and `dkr-ecr….on.aws`, which has IPv6 as well */
const ecrPattern = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z0-9.-]+\/(.+)$/;

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

/** What may be a reference by digest, with a tag before it or not; behind `$` or a slash it is only part of one. */
const byDigest = /(?<![\w./:@${}-])[A-Za-z0-9[][\w./:[\]-]*@sha256:[0-9a-f]{64}(?!\w)/g;

/** Every image by digest that a script names, as repository@digest in normal form, each once. Pure. */
export function imagesIn(script: string): string[] {
  const found = [...script.matchAll(byDigest)].flatMap(([text]) => {
    const { repository = '', digest = '' } = parseReference(text) ?? {};
    return repository === '' ? [] : [`${repository}@${digest}`];
  });
  return [...new Set(found)];
}

/** The same for the user data of a launch template: base64, and compressed where cloud-init's tools made it. */
export function imagesInUserData(base64: string): string[] {
  const bytes = Buffer.from(base64, 'base64');
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return imagesIn((compressed ? gunzipSync(bytes) : bytes).toString('utf8'));
  } catch {
    return [];
  }
}

/** The application's among the images that user data names. */
export interface ServiceImage {
  /** repository@digest; undefined when none is named. */
  image: string | undefined;
  /** Several could be it: which one it is can't be told. */
  ambiguous: boolean;
}

/**
 * Which one of several images is the application's and not one that runs beside it: the one in the repository that the
 * Terraform root gives as `repository_url`. Where that does not tell, it is the first. Pure.
 */
export function serviceImage(images: readonly string[], repositoryUrl: string): ServiceImage {
  const name = normalName(repositoryUrl);
  const own = images.filter((image) => splitDigest(image).repository === name);
  const candidates = own.length > 0 ? own : images;
  return { image: candidates[0], ambiguous: candidates.length > 1 };
}
