import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Inputs } from '../inputs/index.ts';
import type { Run } from '../run/index.ts';
import { readCheckout, readHead } from './checkout.ts';
import { readBuildFiles, readContextFiles } from './context-files.ts';

/** Everything that goes into a build. */
export interface BuildInputs {
  /** The commit that is checked out in the context; '' where git knows none. */
  commit: string;
  /** The context's path below the top of its repository. */
  prefix: string;
  /** Of the files that are not the commit's; without a commit, of all of them. '' for none. */
  files: string;
  /** Of the Dockerfile and of what is ignored. */
  buildFiles: string;
  /** Whether the Dockerfile is the context's own. */
  ownDockerfile: boolean;
  /** NAME=value, or NAME alone when the environment has no such variable. */
  buildArguments: string[];
  target: string;
  platform: string;
}

/** What an image is known by. */
export interface Identity {
  commit: string;
  /** Of everything that goes into the build, in hex. */
  digest: string;
  /** The tag that people see. */
  tag: string;
  /** A tag that no other build can have; the same as `tag` unless that is the commit alone. */
  exactTag: string;
}

/** What a build is for where nothing says otherwise. */
const usualPlatform = 'linux/amd64';

/**
 * Names an image after what it is built from, so that one that exists under the name is this very one. Pure. The plain
 * build of a commit (the repository's top with its Dockerfile, every file as committed, no arguments and no target, for
 * linux/amd64) is named by the commit; whatever else goes in adds eight digits of its digest. Values stay unreadable.
 */
export function decideIdentity(inputs: BuildInputs): Identity {
  const { commit, prefix, files, ownDockerfile, buildArguments, target, platform } = inputs;
  const all = { ...inputs, ownDockerfile: undefined, buildArguments: buildArguments.toSorted() };
  const digest = createHash('sha256').update(JSON.stringify(all)).digest('hex');
  if (commit === '') {
    const tag = `content-${digest.slice(0, 12)}`;
    return { commit, digest, tag, exactTag: tag };
  }
  const exactTag = `${commit}-${digest.slice(0, 8)}`;
  const special = prefix !== '' || files !== '' || target !== '' || buildArguments.length > 0;
  const plain = !special && ownDockerfile && platform === usualPlatform;
  return { commit, digest, tag: plain ? commit : exactTag, exactTag };
}

/** An identity, and what the log has to say about it. */
export interface FoundIdentity extends Identity {
  platform: string;
  notes: string[];
}

/** Looks at everything that goes into the build of this run. */
export async function findIdentity(run: Run): Promise<FoundIdentity> {
  const { inputs, github } = run;
  const { context, dockerfile } = inputs;
  const [checkout, buildFiles] = await Promise.all([readCheckout(run), readBuildFiles(context, dockerfile)]);
  const files = await readContextFiles(context, checkout?.differing ?? [''], buildFiles, run.signal);
  const platform = inputs.platform ?? runnerPlatform(process.arch);
  const identity = decideIdentity({
    commit: checkout?.head ?? '',
    prefix: checkout?.prefix ?? '',
    files: files.digest,
    buildFiles: buildFiles.digest,
    ownDockerfile: dockerfile === join(context, 'Dockerfile'),
    buildArguments: buildArguments(inputs, process.env),
    target: inputs.target ?? '',
    platform,
  });
  return { ...identity, platform, notes: notesOn(identity, github.sha, files.paths) };
}

/** The commit that is checked out in the context; where git knows none, that of the job. Says so when they differ. */
export async function currentCommit(run: Run): Promise<string> {
  const { sha } = run.github;
  const head = (await readHead(run))?.head;
  if (head === undefined) return sha;
  for (const note of notesOn({ commit: head, tag: head }, sha, [])) run.log.line(`Image: ${note}`);
  return head;
}

/** The builder's own platform, as Docker calls it. */
function runnerPlatform(architecture: string): string {
  return architecture === 'arm64' ? 'linux/arm64' : usualPlatform;
}

/** An argument without a value takes that of the environment, as docker does. */
function buildArguments(
  { buildArguments }: Pick<Inputs, 'buildArguments'>,
  environment: NodeJS.ProcessEnv,
): string[] {
  return buildArguments.map((argument) => {
    const value = argument.includes('=') ? undefined : environment[argument];
    return value === undefined ? argument : `${argument}=${value}`;
  });
}

const namesShown = 3;

/** What somebody who expects the commit of the job has to know. Pure. */
export function notesOn(
  { commit, tag }: Pick<Identity, 'commit' | 'tag'>,
  githubSha: string,
  differing: readonly string[],
): string[] {
  if (commit === '') return [`no commit is known here: the image is named after its content, ${tag}`];
  const names = [...differing.slice(0, namesShown), ...(differing.length > namesShown ? ['…'] : [])];
  const many =
    differing.length === 1 ? '1 file in the context is' : `${differing.length} files in the context are`;
  return [
    ...(githubSha === '' || githubSha === commit
      ? []
      : [
          `commit ${commit} is checked out, and the job is for ${githubSha} (GITHUB_SHA): it is the one that is checked out which counts`,
        ]),
    ...(differing.length === 0
      ? []
      : [`${many} not commit ${commit.slice(0, 7)}'s (${names.join(', ')}): the image is named ${tag}`]),
  ];
}
