import type { Run } from '../run/index.ts';
import { runCommand } from '../run/index.ts';

/** What the image is named after. */
export interface Source {
  /** 40 hex digits, or '' when the files are not exactly a commit. */
  commit: string;
  /** The tag, or undefined when it has to come from the built image itself. */
  tag: string | undefined;
  /** Why the commit's name was not taken, for the log. */
  note: string | undefined;
}

/**
 * Decides the image's name. On GitHub it is the commit that the run is for. Elsewhere it is the checked-out commit,
 * unless the files differ from it: such an image must not bear the commit's name, as the next run would take it for
 * the commit's. It is named after its content.
 * @param head the checked-out commit, '' outside a repository
 * @param changed files that differ from it, in the form of `git status --porcelain`
 */
export function decideSource(githubSha: string, head: string, changed: string): Source {
  if (githubSha !== '') return { commit: githubSha, tag: githubSha, note: undefined };
  if (head === '')
    return {
      commit: '',
      tag: undefined,
      note: 'no commit is known here: the image is named after its content',
    };
  const files = changed.split('\n').filter((line) => line.trim() !== '').length;
  if (files === 0) return { commit: head, tag: head, note: undefined };
  return {
    commit: '',
    tag: undefined,
    note: `${files} ${files === 1 ? 'file differs' : 'files differ'} from commit ${head.slice(0, 7)}: the image is named after its content`,
  };
}

export async function findSource(run: Run): Promise<Source> {
  const { github, inputs } = run;
  if (github.sha !== '') return decideSource(github.sha, '', '');
  const head = await git(run, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  const changed = head === '' ? '' : await git(run, ['status', '--porcelain', '--', inputs.context]);
  return decideSource('', head, changed);
}

async function git(run: Run, args: string[]): Promise<string> {
  try {
    const { exitCode, stdout } = await runCommand(run, 'git', ['-C', run.inputs.context, ...args]);
    return exitCode === 0 ? stdout.trim() : '';
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.debug(`git can't be run: ${String(error)}`);
    return '';
  }
}

/** The tag of an image that has no commit's name: the first 12 digits of its id. */
export function contentTag(imageId: string): string {
  return `content-${imageId.replace(/^sha256:/, '').slice(0, 12)}`;
}
