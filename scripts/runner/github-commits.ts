import { HttpError } from './http-error.ts';
import { pageOf } from './page.ts';

/** A commit as its repository has it. */
export interface GithubCommit {
  sha: string;
  message: string;
  /** Name of its author, as git has it; and the login, where GitHub knows the person. */
  author: string;
  login?: string;
  /** Shas. */
  parents: readonly string[];
}

/** https://docs.github.com/rest/commits/commits#compare-two-commits: without `per_page`. */
const mostInOneAnswer = 250;

/**
 * A repository's commits, each after its parents: one, and two compared. As GitHub does, a comparison lists from the
 * oldest to the newest what the head has and the base has not, in pages; a commit that is not there is 404.
 *
 * Left out: files and patches, branches and tags by name, signatures.
 */
export class GithubHistory {
  readonly #all: ReadonlyMap<string, GithubCommit>;

  constructor(history: readonly GithubCommit[]) {
    this.#all = new Map(history.map((commit) => [commit.sha, commit]));
  }

  get(sha: string): object {
    return answerOf(this.#find(sha));
  }

  /** `basehead` is "base...head". */
  compare(basehead: string, query: URLSearchParams): object {
    const [base = '', head = ''] = basehead.split('...');
    const [before, after] = [this.#reachable(base), this.#reachable(head)];
    const ahead = [...this.#all.keys()].filter((sha) => after.has(sha) && !before.has(sha));
    const behind = [...before].filter((sha) => !after.has(sha));
    return {
      status: statusOf(ahead.length, behind.length),
      ...{ ahead_by: ahead.length, behind_by: behind.length, total_commits: ahead.length },
      commits: pageOf(ahead, query, mostInOneAnswer).map((sha) => answerOf(this.#find(sha))),
    };
  }

  #find(sha: string): GithubCommit {
    const found = this.#all.get(sha);
    if (found === undefined) throw new HttpError(404, 'Not Found');
    return found;
  }

  /** The commit and all that it came from. */
  #reachable(sha: string): Set<string> {
    const found = new Set<string>();
    const open = [this.#find(sha)];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next.sha)) continue;
      found.add(next.sha);
      open.push(...next.parents.map((parent) => this.#find(parent)));
    }
    return found;
  }
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

function answerOf({ sha, message, author, login }: GithubCommit): object {
  return {
    sha,
    commit: { message, author: { name: author } },
    author: login === undefined ? null : { login },
  };
}
