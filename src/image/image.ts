import type { Image } from '../core/index.ts';
import { DeployError, registryHost, toImage } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { buildImage, checkBuildFiles, inputsLabel, revisionLabel } from './build.ts';
import { withLogin } from './docker.ts';
import type { RepositoryAccess } from './ecr.ts';
import { findDigest, registryLogin } from './ecr.ts';
import { findImageToRun } from './existing.ts';
import type { Identity } from './identity.ts';
import { findIdentity } from './identity.ts';
import { readLabels } from './platform.ts';
import { pushFailure, pushTag } from './push.ts';
import { checkRepository, targetRepository } from './target.ts';

/** What the first half of the image phase found or made, before the registry's address is needed. */
export type BuildResult =
  | { kind: 'existing'; image: Image }
  /** What would be built is in the registry already. */
  | { kind: 'pushed'; tag: string; commit: string; digest: string }
  | LocalImage;

interface LocalImage {
  kind: 'local';
  tag: string;
  commit: string;
  /** Of everything that went into it. */
  inputs: string;
  imageId: string;
}

/**
 * The half that needs no repository: resolves the input `image`, or finds in the registry what would be built, or
 * builds it. Runs beside the backend and terraform init.
 * @throws DeployError input-invalid, image-missing, docker-unavailable, image-build
 */
export async function startBuild(run: Run): Promise<BuildResult> {
  const { inputs, log } = run;
  if (inputs.image !== undefined) {
    const image = await findImageToRun(run, inputs.image);
    log.line(`Image ${image.reference}`);
    return { kind: 'existing', image };
  }
  await checkBuildFiles(inputs);
  const [identity] = await Promise.all([findIdentity(run), checkRepository(run)]);
  for (const note of identity.notes) log.line(`Image: ${note}`);
  const { commit } = identity;
  const { tag, digest } = await findBuilt(run, identity);
  if (digest !== undefined) {
    log.line(`Image: ${tag} is in the registry already (${digest}); it is not built again`);
    return { kind: 'pushed', tag, commit, digest };
  }
  const imageId = await buildImage(run, identity);
  return { kind: 'local', tag, commit, inputs: identity.digest, imageId };
}

/**
 * Looks for the image in the registry. Under the commit alone there may be what somebody else pushed, or an earlier
 * version of this action: it is the image only when its label says so.
 * @returns the digest, or undefined when it has to be built; and its tag
 */
async function findBuilt(run: Run, identity: Identity): Promise<{ tag: string; digest: string | undefined }> {
  const { tag, exactTag } = identity;
  const access = targetRepository(run);
  const digest = await findDigest(access, { tag });
  if (tag === exactTag || digest === undefined) return { tag, digest };
  const labels = await labelsOf(run, access, digest);
  if (labels[inputsLabel] === identity.digest) return { tag, digest };
  run.log.line(
    `Image: ${tag} is in the registry (${digest}), and nothing on it says that it was built from just this: the image is named ${exactTag}. To deploy the one that is there, give it as the input image`,
  );
  return { tag: exactTag, digest: await findDigest(access, { tag: exactTag }) };
}

async function labelsOf(run: Run, access: RepositoryAccess, digest: string): Promise<Record<string, string>> {
  try {
    return await readLabels(access, digest);
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.debug(`the labels of ${digest} can't be read: ${String(error)}`);
    return {};
  }
}

/**
 * The other half: pushes what was built, under its name and `latest`, and takes the digest that the registry itself
 * reports.
 * @param repositoryUrl registry and repository without tag, as ECR's repositoryUri
 * @throws DeployError image-push
 */
export async function publishImage(run: Run, built: BuildResult, repositoryUrl: string): Promise<Image> {
  if (built.kind === 'existing') return built.image;
  if (built.kind === 'pushed')
    return toImage({ repository: repositoryUrl, digest: built.digest, tag: built.tag });
  const access = targetRepository(run);
  const { tag, imageId } = built;
  const there = await findDigest(access, { tag });
  if (there !== undefined) return useOthers(run, access, { built, repositoryUrl });
  const login = await registryLogin(run, access);
  return withLogin(run, registryHost(repositoryUrl), login, async (environment) => {
    run.log.line(`Image: pushing ${repositoryUrl}:${tag}`);
    const outcome = await pushTag(run, imageId, { repository: repositoryUrl, tag }, environment);
    if ('refused' in outcome) return useOthers(run, access, { built, repositoryUrl });
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
  // Another account may take an image and not tell about it.
  if (access.registryId !== undefined && pushed !== undefined) return pushed;
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
 * The tag came into being while this run was building, and is not overwritten: another run was faster. Its image is
 * used when it was made from the same.
 * @throws DeployError image-push when nothing says that it was
 */
async function useOthers(
  run: Run,
  access: RepositoryAccess,
  { built, repositoryUrl }: { built: LocalImage; repositoryUrl: string },
): Promise<Image> {
  const { tag, commit } = built;
  const reference = `${repositoryUrl}:${tag}`;
  const digest = await findDigest(access, { tag });
  if (digest === undefined)
    throw pushFailure(reference, "the tag is said to exist and can't be found", 'run this job again');
  // Any other tag than the commit alone holds the digest of what the image was built from.
  const labels = tag === commit ? await labelsOf(run, access, digest) : { [inputsLabel]: built.inputs };
  if (labels[inputsLabel] !== built.inputs) {
    const revision = labels[revisionLabel];
    const from =
      revision === undefined || revision === commit
        ? 'nothing on that image says that it was built from just this'
        : `that image was made from commit ${revision}`;
    throw new DeployError({
      reason: 'image-push',
      message: `the tag ${tag} exists with other content: ${from}, and tags of this repository can't be overwritten`,
      left: 'Nothing was deployed; the image in the registry is as it was.',
      next: 'run this job again: it gives its image another name; or delete that tag from the repository if it was pushed by mistake',
    });
  }
  run.log.line(`Image: another run pushed ${tag} first (${digest}); it is used`);
  return toImage({ repository: repositoryUrl, digest, tag });
}
