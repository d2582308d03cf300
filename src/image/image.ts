import type { Image } from '../core/index.ts';
import { DeployError, registryHost, toImage } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { buildImage, checkBuildFiles } from './build.ts';
import { contentTag, findSource } from './commit.ts';
import { askDocker, docker, withLogin } from './docker.ts';
import type { RepositoryAccess } from './ecr.ts';
import { findDigest, openRepository, registryLogin } from './ecr.ts';
import { findImage } from './existing.ts';
import { pushFailure, pushTag } from './push.ts';

/** What the first half of the image phase found or made, before the registry's address is needed. */
export type BuildResult =
  | { kind: 'existing'; image: Image }
  /** The commit's image is in the registry already. */
  | { kind: 'pushed'; tag: string; digest: string }
  | { kind: 'local'; tag: string; commit: string; imageId: string };

/**
 * The half that needs no repository: resolves the input `image`, or finds the commit's image in the registry, or
 * builds it. Runs beside the backend and terraform init.
 * @throws DeployError input-invalid, image-missing, docker-unavailable, image-build
 */
export async function startBuild(run: Run): Promise<BuildResult> {
  const { inputs, log } = run;
  if (inputs.image !== undefined) {
    const image = await findImage(run, inputs.image);
    log.line(`Image ${image.reference}`);
    return { kind: 'existing', image };
  }
  await checkBuildFiles(inputs);
  const source = await findSource(run);
  if (source.note !== undefined) log.line(`Image: ${source.note}`);
  if (source.tag !== undefined) {
    const digest = await findDigest(openRepository(run, inputs.application), { tag: source.tag });
    if (digest !== undefined) {
      log.line(`Image: ${source.tag} is in the registry already (${digest}); it is not built again`);
      return { kind: 'pushed', tag: source.tag, digest };
    }
  }
  const imageId = await buildImage(run, source.commit);
  return { kind: 'local', tag: source.tag ?? contentTag(imageId), commit: source.commit, imageId };
}

/**
 * The other half: pushes what was built, under the commit's tag and `latest`, and takes the digest that the registry
 * itself reports.
 * @param repositoryUrl registry and repository without tag, as ECR's repositoryUri
 * @throws DeployError image-push
 */
export async function publishImage(run: Run, built: BuildResult, repositoryUrl: string): Promise<Image> {
  if (built.kind === 'existing') return built.image;
  if (built.kind === 'pushed')
    return toImage({ repository: repositoryUrl, digest: built.digest, tag: built.tag });
  const access = openRepository(run, run.inputs.application);
  const { tag, imageId } = built;
  const there = await findDigest(access, { tag });
  const login = await registryLogin(run, access);
  return withLogin(run, registryHost(repositoryUrl), login, async (environment) => {
    if (there !== undefined) return useOthers(run, access, { built, repositoryUrl, environment });
    run.log.line(`Image: pushing ${repositoryUrl}:${tag}`);
    const outcome = await pushTag(run, imageId, { repository: repositoryUrl, tag }, environment);
    if ('refused' in outcome) return useOthers(run, access, { built, repositoryUrl, environment });
    const digest = await confirm(access, `${repositoryUrl}:${tag}`, { tag, pushed: outcome.digest });
    await pushLatest(run, imageId, repositoryUrl, environment);
    run.log.line(`Image ${repositoryUrl}:${tag} pushed (${digest})`);
    return toImage({ repository: repositoryUrl, digest, tag, built: true });
  });
}

/**
 * The digest as ECR has it. When another run moved the tag in between, what this run pushed is still there under its
 * digest, and that is what gets deployed.
 */
async function confirm(
  access: RepositoryAccess,
  reference: string,
  { tag, pushed }: { tag: string; pushed: string | undefined },
): Promise<string> {
  const digest = await findDigest(access, pushed === undefined ? { tag } : { digest: pushed });
  if (digest !== undefined) return digest;
  throw pushFailure(
    reference,
    `the push ended well, but the registry does not know ${pushed ?? `the tag ${tag}`}`,
    'run this job again',
  );
}

async function pushLatest(
  run: Run,
  imageId: string,
  repository: string,
  environment: Record<string, string>,
): Promise<void> {
  const outcome = await pushTag(run, imageId, { repository, tag: 'latest' }, environment);
  if ('refused' in outcome)
    run.log.warning(
      `The tag latest of ${repository} can't be moved: the repository's tags are immutable. The deployment does not need it.`,
    );
}

/**
 * The tag came into being while this run was building, and may not be overwritten: another run was faster. Its image
 * is used when it was made from the same commit.
 * @throws DeployError image-push when it says that it was not
 */
async function useOthers(
  run: Run,
  access: RepositoryAccess,
  {
    built,
    repositoryUrl,
    environment,
  }: {
    built: Extract<BuildResult, { kind: 'local' }>;
    repositoryUrl: string;
    environment: Record<string, string>;
  },
): Promise<Image> {
  const { tag, commit } = built;
  const reference = `${repositoryUrl}:${tag}`;
  const digest = await findDigest(access, { tag });
  if (digest === undefined)
    throw pushFailure(reference, "the tag is said to exist and can't be found", 'run this job again');
  const revision = await revisionOf(run, `${repositoryUrl}@${digest}`, environment);
  if (commit !== '' && revision !== undefined && revision !== commit) {
    throw new DeployError({
      reason: 'image-push',
      message: `the tag ${tag} exists with other content: that image was made from commit ${revision}, and tags of this repository can't be overwritten`,
      left: 'Nothing was deployed; the image in the registry is as it was.',
      next: 'delete that tag from the repository if it was pushed by mistake, or make a new commit',
    });
  }
  run.log.line(`Image: another run pushed ${tag} first (${digest}); it is used`);
  return toImage({ repository: repositoryUrl, digest, tag });
}

/** The commit that an image's label names, or undefined when it has none. */
async function revisionOf(
  run: Run,
  reference: string,
  environment: Record<string, string>,
): Promise<string | undefined> {
  await docker(run, ['pull', '--quiet', reference], { env: environment });
  const format = '{{index .Config.Labels "org.opencontainers.image.revision"}}';
  const { exitCode, stdout } = await askDocker(
    run,
    ['image', 'inspect', '--format', format, reference],
    environment,
  );
  const revision = stdout.trim();
  return exitCode === 0 && revision !== '' && revision !== '<no value>' ? revision : undefined;
}
