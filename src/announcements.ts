import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { commandNamed } from './commands/index.ts';
import type { CommandEntry } from './commands/index.ts';
import type { CommitRange, Comparison, DeployError } from './core/index.ts';
import {
  commentMarker,
  compareCommits,
  githubContext,
  GithubDeployments,
  identityClaims,
  pausedDescription,
  PlanComment,
  readInput,
  saveState,
} from './github/index.ts';
import type { DeploymentEnd, RunnerLog, Tell, Toolkit } from './github/index.ts';
import { isWebhookUrl, secretPartsOf } from './inputs/index.ts';
import type { Inputs } from './inputs/index.ts';
import { notificationFor, notify, outcomeOf } from './report/index.ts';
import type { Outcome, Reported, RunRecord } from './report/index.ts';

/**
 * Who is told of a run beside its log: the repository's deployments, the pull request, a webhook and a file. None of them
 * can fail a run.
 */
export class Announcements {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #toolkit: Toolkit;
  readonly #log: RunnerLog;
  readonly #tell: Tell;
  #token: string | undefined;
  #deployments: GithubDeployments | undefined;
  #deploys: CommandEntry['deploys'];
  #end: DeploymentEnd | undefined;
  #comment: PlanComment | undefined;
  #outdated: Promise<void> = Promise.resolve();

  constructor(environment: NodeJS.ProcessEnv, toolkit: Toolkit, log: RunnerLog) {
    this.#environment = environment;
    this.#toolkit = toolkit;
    this.#log = log;
    this.#tell = {
      info: (text) => toolkit.info(text),
      warning: (text) => log.warning(text),
      debug: (text) => log.debug(text),
    };
    const address = webhookOf(environment);
    if (address === undefined) return;
    log.secret(address, 'webhook-url');
    for (const part of secretPartsOf(address)) log.secret(part, 'webhook-url');
  }

  /** The inputs are known: GitHub can be told. */
  begin(inputs: Inputs & { command: string }, record: RunRecord): void {
    const { githubToken, application, environment, githubDeployments: mode } = inputs;
    const command = commandNamed(inputs.command);
    const github = githubContext(this.#environment);
    if (githubToken === undefined) return;
    const token = githubToken;
    this.#token = token;
    if (command?.comments === true) {
      this.#comment = new PlanComment(this.#tell, { token, marker: commentMarker(record), github });
      this.#outdated = this.#comment.markOutdated();
    }
    this.#deploys = command?.deploys;
    if (this.#deploys !== undefined && mode !== 'off')
      this.#deployments = new GithubDeployments(this.#tell, {
        ...{ token, application, environment, mode, github },
        claims: () => identityClaims(this.#environment),
      });
  }

  /** What is being rolled out is known: 40 hex digits, or '' for a commit that nobody knows. Nothing waits for it. */
  deploying(commit: string): void {
    const begun =
      this.#deploys === 'goes-on' ? this.#deployments?.goOn(commit) : this.#deployments?.begin(commit);
    void begun?.then(() => this.#saveDeployment());
  }

  /** For the post step: the deployment that is in progress at GitHub, and how it ended once that is known. */
  #saveDeployment(): void {
    const id = this.#deployments?.id;
    if (id !== undefined) saveState(this.#toolkit, { deployment: { id, end: this.#end } });
  }

  /** What came and went between two commits; undefined where nobody says, or when the job is cancelled. */
  async compare(comparison: Comparison, signal: AbortSignal): Promise<CommitRange | undefined> {
    const { repositoryUrl, sha } = githubContext(this.#environment);
    if (this.#token === undefined || repositoryUrl === '') return undefined;
    return compareCommits(this.#tell, { token: this.#token, sha, signal }, comparison);
  }

  /** The run has ended, and was reported. */
  async end(reported: Reported): Promise<void> {
    const { record, failure, summary } = reported;
    await this.#outdated;
    if (failure?.reason !== 'cancelled') await this.#comment?.write(summary);
    if (this.#deployments !== undefined) await this.#endDeployment(this.#deployments, record, failure);
    await this.#notify(reported);
  }

  async #endDeployment(
    deployments: GithubDeployments,
    record: RunRecord,
    failure: DeployError | undefined,
  ): Promise<void> {
    if (this.#deploys !== 'takes-back') {
      this.#end = deploymentEnd(record, failure);
      // The job may be ended while GitHub is waited for, which may be there again for the post step.
      this.#saveDeployment();
      // Before this run's own may be called paused.
      if (record.tookBack) await deployments.takeBack();
      if (await deployments.end(this.#end)) saveState(this.#toolkit, { deployment: undefined });
      else this.#saveDeployment();
    }
    // Also where nothing was under way: what GitHub shows as paused is over then.
    else if (failure === undefined) await deployments.takeBack();
  }

  /** A copy of the summary where an input asks for one. */
  async copy(summary: string): Promise<void> {
    const path = readInput(this.#environment, 'summary-file').trim();
    if (path === '') return;
    try {
      await writeFile(resolve(githubContext(this.#environment).workspace, path), summary);
    } catch (error) {
      this.#log.warning(`the summary could not be written to ${path}: ${(error as Error).message}`);
    }
  }

  async #notify({ record, failure }: Reported): Promise<void> {
    const address = webhookOf(this.#environment);
    // Refused with the inputs, which is the run's failure already: nothing goes there.
    if (address === undefined || !isWebhookUrl(address)) return;
    if (['plan', 'status'].includes(record.command)) return;
    const why = await notify(address, notificationFor(address, { record, failure, now: Date.now() }));
    if (why !== undefined) this.#log.warning(`the webhook was not told how this run ended: ${why}`);
  }
}

function webhookOf(environment: NodeJS.ProcessEnv): string | undefined {
  const address = readInput(environment, 'webhook-url').trim();
  return address.length === 0 ? undefined : address;
}

/** How a run's deployment ended, in GitHub's states: the active one is the one that runs. Pure. */
export function deploymentEnd(record: RunRecord, failure: DeployError | undefined): DeploymentEnd {
  const outcome = outcomeOf(record, failure);
  const description = failure === undefined ? outcome : `${outcome}: ${failure.reason}`;
  return {
    state:
      failure === undefined ? stateOfOutcome(outcome) : failure.reason === 'cancelled' ? 'error' : 'failure',
    description,
    url: failure === undefined ? (record.outputs?.url ?? '') : '',
    // In part, both commits run; of what was saved alone, nothing does.
    replacesOthers: ['deployed', 'unchanged', 'destroyed'].includes(outcome),
  };
}

function stateOfOutcome(outcome: Outcome): DeploymentEnd['state'] {
  return outcome === pausedDescription ? 'in_progress' : 'success';
}
