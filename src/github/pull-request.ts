import type { PlanOrigin } from './comment.ts';
import { commentBody, isNewer, outdatedBody, roomForSummary } from './comment.ts';
import type { GithubContext } from './context.ts';
import type { Github } from './octokit.ts';
import { isRefused, nextStep, openGithub, whyNot } from './octokit.ts';
import type { Tell } from './tell.ts';

/** Comments of a pull request that are looked through for ours, a hundred a page. */
const pages = 10;

/** Where `plan` says what it found. */
export interface PlanCommentPlace {
  token: string;
  /** What the comment begins with and is known by. */
  marker: string;
  github: Pick<GithubContext, 'runId' | 'runUrl' | 'repositoryUrl' | 'sha'>;
}

interface Found {
  rest: Github['rest'];
  place: { owner: string; repo: string };
  number: number;
  origin: PlanOrigin;
  comment: { id: number; body: string } | undefined;
}

/**
 * The plan on the pull request that the job runs for: one comment for each environment, the newest, known by its marker.
 * A plan that was made is one, comment or not: whatever goes wrong is one warning.
 */
export class PlanComment {
  readonly #tell: Pick<Tell, 'info' | 'warning'>;
  readonly #place: PlanCommentPlace;
  #warned = false;
  #toldOfFork = false;

  constructor(tell: Pick<Tell, 'info' | 'warning'>, place: PlanCommentPlace) {
    this.#tell = tell;
    this.#place = place;
  }

  /** Says on the comment of an earlier run that it is out of date, while this one plans. */
  async markOutdated(): Promise<void> {
    await this.#attempt(async ({ rest, place, comment, origin }) => {
      if (comment === undefined || isNewer(comment.body, origin)) return;
      const body = outdatedBody(comment.body, origin);
      await rest.issues.updateComment({ ...place, comment_id: comment.id, body });
    }, true);
  }

  /** @param summary the summary in at most so many bytes */
  async write(summary: (bytes: number) => string): Promise<void> {
    await this.#attempt(async (found) => {
      const { rest, place, number, comment, origin } = found;
      const body = commentBody(this.#place.marker, summary(roomForSummary), origin);
      const name = `The comment with this plan on pull request #${number}`;
      if (comment === undefined) {
        await this.#create(found, body);
        this.#tell.info(`${name} was made`);
      } else if (isNewer(comment.body, origin)) this.#tell.info(`${name} is of a later run, and stays`);
      else {
        await rest.issues.updateComment({ ...place, comment_id: comment.id, body });
        this.#tell.info(`${name} was changed`);
      }
    });
  }

  /** Not once more where only the answer was lost: there would be two. */
  async #create({ rest, place, number }: Found, body: string): Promise<void> {
    try {
      await rest.issues.createComment({ ...place, issue_number: number, body });
    } catch (error) {
      if (isRefused(error)) throw error;
      const { comment } = await find(await openGithub(this.#place.token), this.#place);
      if (comment?.body !== body) throw error;
    }
  }

  /** @param isTriedAgain what passes by itself is no warning yet */
  async #attempt(work: (found: Found) => Promise<void>, isTriedAgain = false): Promise<void> {
    if (this.#warned) return;
    let name = 'the pull request';
    try {
      const github = await openGithub(this.#place.token);
      const { payload } = github.context;
      if (payload.pull_request === undefined) return;
      name = `pull request #${payload.pull_request.number}`;
      if (isFromFork(github.context)) {
        if (!this.#toldOfFork) this.#tell.info(`${name} is of a fork: ${fromFork}`);
        this.#toldOfFork = true;
        return;
      }
      // Found anew for each step: another run may have written meanwhile.
      await work(await find(github, this.#place));
    } catch (error) {
      if (isTriedAgain && !isRefused(error)) return;
      this.#warned = true;
      this.#tell.warning(whyNoComment(name, error));
    }
  }
}

const fromFork = 'its jobs may not write there, and the job summary has the plan';

/** The token of a job that runs for a fork's pull request only reads, whatever its permissions say. */
function isFromFork({ eventName, payload }: Github['context']): boolean {
  const { head, base } = (payload.pull_request ?? {}) as Record<
    'head' | 'base',
    { repo?: { full_name?: string } | null } | undefined
  >;
  if (eventName !== 'pull_request' || base?.repo?.full_name === undefined) return false;
  return head?.repo?.full_name !== base.repo.full_name;
}

/** @throws octokit's RequestError with what GitHub answered */
async function find({ rest, context }: Github, { marker, github }: PlanCommentPlace): Promise<Found> {
  const request = context.payload.pull_request as { number: number; head?: { sha?: string } };
  // The job's own commit is a merge that nobody has written.
  const commit = request.head?.sha ?? github.sha;
  const { runId, runUrl, repositoryUrl } = github;
  const found = {
    ...{ rest, number: request.number, place: context.repo },
    origin: { runId, runUrl, commit, commitUrl: `${repositoryUrl}/commit/${commit}` },
  };
  for (let page = 1; page <= pages; page += 1) {
    const { data } = await rest.issues.listComments({
      ...context.repo,
      ...{ issue_number: request.number, per_page: 100, page },
    });
    const ours = data.find(({ body }) => body?.startsWith(marker));
    if (ours !== undefined) return { ...found, comment: { id: ours.id, body: ours.body ?? '' } };
    if (data.length < 100) break;
  }
  return { ...found, comment: undefined };
}

/** Why GitHub did not take a comment, and what to do about it, in one sentence. */
function whyNoComment(name: string, error: unknown): string {
  const next = nextStep(error, 'pull-requests: write');
  const instead = 'The job summary has the plan.';
  return `the plan could not be written to ${name}: ${whyNot(error)}. ${next === undefined ? '' : `${next}. `}${instead}`;
}
