import { HttpError } from './http-error.ts';

/** https://docs.github.com/rest/deployments/statuses#create-a-deployment-status */
const states = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];
const longestDescription = 140;

export interface GithubDeploymentStatus {
  id: number;
  state: string;
  description: string;
  log_url: string;
  target_url: string;
  environment_url: string;
}

export interface GithubDeployment {
  id: number;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  payload: unknown;
  creator: { login: string };
  transient_environment: boolean;
  production_environment: boolean;
  /** Newest first. */
  statuses: GithubDeploymentStatus[];
}

/** What the repository knows of its commits. */
export interface GithubCommits {
  /** Those that there are; left out, every one is. */
  known?: readonly string[];
  /** Status checks of a commit that have not passed. */
  unfinished?: Readonly<Record<string, readonly string[]>>;
}

/**
 * A repository's deployments with GitHub's rules: a ref has to exist, unfinished checks refuse a deployment that does not
 * do without them (`required_contexts`), states and the length of a description are checked, and a success makes those
 * before it in the environment inactive, but for `auto_inactive: false`, transient and production environments.
 *
 * Left out: merging the default branch (`auto_merge`), and that the rate of calls is limited by itself.
 */
export class GithubDeploymentsOf {
  /** Oldest first. */
  readonly all: GithubDeployment[] = [];
  readonly #commits: GithubCommits;

  constructor(commits: GithubCommits = {}) {
    this.#commits = commits;
  }

  /** As GitHub does for a job that names an environment. */
  addOfJob(sha: string, environment: string, runId: string, state = 'in_progress'): GithubDeployment {
    const made = this.create({ ref: sha, environment, required_contexts: [] });
    const url = `https://github.com/octo-org/shop/actions/runs/${runId}/job/7`;
    this.#addStatus(made, { state, log_url: url });
    return made;
  }

  create(body: Record<string, unknown>): GithubDeployment {
    const { ref, environment = 'production', required_contexts: contexts, task = 'deploy' } = body;
    if (typeof ref !== 'string' || ref === '') throw new HttpError(422, 'Validation Failed: ref is missing');
    if (this.#commits.known?.includes(ref) === false) throw new HttpError(422, `No ref found for: ${ref}`);
    const unfinished = this.#commits.unfinished?.[ref] ?? [];
    const wanted = (contexts as string[] | undefined) ?? unfinished;
    if (unfinished.some((one) => wanted.includes(one)))
      throw new HttpError(409, `Conflict: Commit status checks failed for ${ref}.`);
    checkDescription(body);
    const name = String(environment);
    const made: GithubDeployment = {
      id: 500 + this.all.length,
      ...{ sha: ref, ref, task: String(task), environment: name, payload: body.payload ?? {} },
      creator: { login: 'github-actions[bot]' },
      transient_environment: body.transient_environment === true,
      production_environment: (body.production_environment as boolean | undefined) ?? name === 'production',
      statuses: [],
    };
    this.all.push(made);
    return made;
  }

  list(query: URLSearchParams): GithubDeployment[] {
    const wanted = (['sha', 'ref', 'task', 'environment'] as const).filter((name) => query.has(name));
    return this.all.filter((one) => wanted.every((name) => one[name] === query.get(name))).toReversed();
  }

  find(id: number): GithubDeployment {
    const found = this.all.find((one) => one.id === id);
    if (found === undefined) throw new HttpError(404, 'Not Found');
    return found;
  }

  setState(id: number, body: Record<string, unknown>): GithubDeploymentStatus {
    const deployment = this.find(id);
    if (!states.includes(String(body.state)))
      throw new HttpError(422, `Validation Failed: ${String(body.state)} is not a state`);
    checkDescription(body);
    if (body.state === 'success' && body.auto_inactive !== false) {
      const others = this.all.filter(
        (one) =>
          one !== deployment &&
          one.environment === deployment.environment &&
          !one.transient_environment &&
          !one.production_environment &&
          one.statuses[0]?.state === 'success',
      );
      for (const one of others) this.#addStatus(one, { state: 'inactive' });
    }
    return this.#addStatus(deployment, body);
  }

  #addStatus(deployment: GithubDeployment, body: Record<string, unknown>): GithubDeploymentStatus {
    const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
    const status = {
      id: 9000 + deployment.statuses.length,
      state: text('state'),
      description: text('description'),
      log_url: text('log_url'),
      target_url: text('log_url') || text('target_url'),
      environment_url: text('environment_url'),
    };
    deployment.statuses.unshift(status);
    return status;
  }
}

function checkDescription({ description }: Record<string, unknown>): void {
  if (typeof description === 'string' && description.length > longestDescription)
    throw new HttpError(422, 'Validation Failed: description is too long (maximum is 140 characters)');
}
