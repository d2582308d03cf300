import type { GithubContext } from './context.ts';
import type { Github } from './octokit.ts';
import { answeredStatus, isForbidden, isRefused, nextStep, openGithub, whyNot } from './octokit.ts';
import type { Tell } from './tell.ts';

/** States that the action gives a deployment. https://docs.github.com/rest/deployments/statuses */
export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

/** What GitHub is told about a deployment. */
export interface DeploymentSettings {
  token: string;
  application: string;
  environment: string;
  /** `auto`: not where the job itself names an environment, for which GitHub makes a deployment. */
  mode: 'auto' | 'on';
  github: Pick<GithubContext, 'sha' | 'runId' | 'runUrl'>;
  /** What GitHub's identity token says of the job, where the job may have one. */
  claims: () => Promise<Record<string, unknown> | undefined>;
}

/** How a deployment ended. */
export interface DeploymentEnd {
  /** `in_progress` while it is paused: it has not ended, and neither have those before it. */
  state: 'in_progress' | 'success' | 'failure' | 'error';
  description: string;
  /** Where the service answers; '' where that is not known. */
  url: string;
  /** Whether the deployments before this one run no longer. */
  replacesOthers: boolean;
}

/** A deployment of the application, and what it was last said to be. */
interface Other {
  id: number;
  sha: string;
  status: Status | undefined;
}

/** One of the statuses that GitHub keeps of a deployment. */
interface Status {
  state: string;
  description: string;
  log_url?: string | undefined;
  target_url?: string | undefined;
}

/** What a deployment is said to be from now on; '' for an address that is not known. */
interface NewStatus {
  state: DeploymentState;
  description: string;
  url: string;
  runUrl: string;
}

/** Of the application's other deployments, so many are looked at. */
const most = 10;
/** GitHub refuses a longer one. */
const longestDescription = 140;

/** What a deployment in progress is called that waits for a person; a later run finds it by that. */
export const pausedDescription = 'paused';

const noLonger = 'it no longer runs';
const rollingOut = { state: 'in_progress', description: 'rolling out', url: '' } as const;

/**
 * The repository's Deployments, as GitHub shows them: one for the commit that is being rolled out, which is the active one
 * only when it runs. GitHub would set those before it to inactive by itself, but for all applications of a repository
 * alike, and not in an environment called production: that is done here. A deployment is none the worse for what GitHub
 * does not show: whatever goes wrong is one warning.
 */
export class GithubDeployments {
  readonly #tell: Pick<Tell, 'debug' | 'warning'>;
  readonly #settings: DeploymentSettings;
  #github: Promise<Github> | undefined;
  #isTheJobs: Promise<boolean> | undefined;
  #begun: Promise<number | undefined> = Promise.resolve(undefined);
  /** Begins what could not be begun, and was not refused: GitHub may be there again at the end. */
  #late: ((github: Github) => Promise<number | undefined>) | undefined;
  #id: number | undefined;
  #isRefused = false;
  #warned = false;

  constructor(tell: Pick<Tell, 'debug' | 'warning'>, settings: DeploymentSettings) {
    this.#tell = tell;
    this.#settings = settings;
  }

  /** Of the deployment that GitHub shows for this run, once there is one. */
  get id(): number | undefined {
    return this.#id;
  }

  /**
   * @param commit what is being rolled out, 40 hex digits; '' where it is not known, which can't be shown
   * @returns the id of the deployment, if there is one now
   */
  begin(commit: string): Promise<number | undefined> {
    this.#begun = this.#begin(commit, (github) => this.#create(github, commit));
    return this.#begun;
  }

  /**
   * Goes on with the deployment that paused, whatever the job names: an earlier run of the action made it. Where there is
   * none, one begins.
   *
   * @param commit as for `begin`; '' takes the newest that paused
   * @returns the id of the deployment, if there is one now
   */
  goOn(commit: string): Promise<number | undefined> {
    this.#begun = this.#begin(commit, async (github) => {
      const paused = (await this.#paused(github)).find(({ sha }) => commit === '' || sha === commit);
      if (paused === undefined) return this.#create(github, commit);
      this.#id = paused.id;
      await this.#setState(github, paused.id, rollingOut);
      return paused.id;
    });
    return this.#begun;
  }

  /** What had paused was taken back: what ran before it is the active one still. */
  async takeBack(): Promise<void> {
    await this.#attempt(async (github) => {
      for (const { id } of await this.#paused(github))
        await this.#setState(github, id, { state: 'inactive', description: 'taken back', url: '' });
    });
  }

  /**
   * Ends what `begin` or `goOn` began; without them, only takes back what the end says to be over.
   *
   * @returns false where GitHub could not be told, and may take it later
   */
  async end({ state, description, url, replacesOthers }: DeploymentEnd): Promise<boolean> {
    const begun = await this.#begun;
    if (begun === undefined && this.#late === undefined && !replacesOthers) return true;
    const told = await this.#attempt(async (github) => {
      const id = begun ?? (await this.#late?.(github));
      if (id !== undefined) await this.#setState(github, id, { state, description, url });
      if (replacesOthers && (id !== undefined || !(await this.#isShownByGithub(github))))
        await this.#retireOthers(github, id ?? Infinity);
    });
    return told || this.#isRefused;
  }

  /** Ends the deployment that a run left in progress, unless later ones have had their say. */
  async endLeft(id: number, { state, description, url, replacesOthers }: DeploymentEnd): Promise<void> {
    const wouldRun = state === 'success' || state === 'in_progress';
    await this.#attempt(async (github) => {
      const last = (await lastStatus(github, id))?.state;
      // Told by the run itself, which may not have come to those before.
      const isTold = last === state && last !== 'in_progress';
      if (!isTold && last !== undefined && last !== 'in_progress') return;
      const later = wouldRun ? await this.#others(github, (other) => other > id) : [];
      if (later.some(({ status }) => status?.state === 'success' || isPaused(status)))
        return this.#setState(github, id, { state: 'inactive', description: noLonger, url: '' });
      if (!isTold) await this.#setState(github, id, { state, description, url });
      if (replacesOthers) await this.#retireOthers(github, id);
    });
  }

  async #begin(
    commit: string,
    work: (github: Github) => Promise<number | undefined>,
  ): Promise<number | undefined> {
    try {
      return await work(await this.#open());
    } catch (error) {
      // The answer that was lost may be that of a deployment that is there.
      if (isRefused(error)) this.#tellOf(error);
      else this.#late = async (github) => (this.#id ??= await this.#ownOf(github, commit)) ?? work(github);
      return undefined;
    }
  }

  /** The deployment that this very run has made. */
  async #ownOf({ rest, context }: Github, commit: string): Promise<number | undefined> {
    if (commit === '') return undefined;
    const { application, environment, github } = this.#settings;
    const { data } = await rest.repos.listDeployments({
      ...context.repo,
      ...{ sha: commit, environment, per_page: 10 },
    });
    return data.find(({ payload }) => isOurs(payload, application, github.runId))?.id;
  }

  async #create(given: Github, commit: string): Promise<number | undefined> {
    if (commit === '' || (await this.#isShownByGithub(given))) return undefined;
    const { rest, context } = given;
    const { application, environment, github } = this.#settings;
    try {
      const { data } = await rest.repos.createDeployment({
        ...context.repo,
        ...{ ref: commit, environment, auto_merge: false },
        // The workflow decides what has to have passed before it deploys.
        required_contexts: [],
        description: `${application} to ${environment}`,
        payload: { application, run: github.runId, by: 'asg-deploy' },
      });
      if (!('id' in data)) return undefined;
      this.#id = data.id;
      await this.#setState(given, data.id, rollingOut);
      return data.id;
    } catch (error) {
      // An image from another repository has a commit that this one does not know.
      if (answeredStatus(error) !== 422) throw error;
      this.#tell.debug(`GitHub shows no deployment of ${commit}: ${whyNot(error)}`);
      return undefined;
    }
  }

  #setState(github: Github, id: number, said: Omit<NewStatus, 'runUrl'>): Promise<void> {
    return setState(github, id, { ...said, runUrl: this.#settings.github.runUrl });
  }

  /** Deployments of the application before this one that GitHub still calls active, or that had paused. */
  async #retireOthers(github: Github, id: number): Promise<void> {
    for (const { status, ...other } of await this.#others(github, (each) => each < id)) {
      if (status?.state !== 'success' && !isPaused(status)) continue;
      await this.#setState(github, other.id, { state: 'inactive', description: noLonger, url: '' });
    }
  }

  async #paused(github: Github): Promise<Other[]> {
    return (await this.#others(github)).filter(({ status }) => isPaused(status));
  }

  /** The application's last deployments, of which ids count, newest first, and what each was last said to be. */
  async #others(github: Github, counts: (id: number) => boolean = () => true): Promise<Other[]> {
    const { rest, context } = github;
    const { application, environment } = this.#settings;
    const { data } = await rest.repos.listDeployments({ ...context.repo, environment, per_page: 100 });
    const others = data.filter((each) => counts(each.id) && isOurs(each.payload, application));
    const found: Other[] = [];
    for (const { id, sha } of others.slice(0, most))
      found.push({ id, sha, status: await lastStatus(github, id) });
    return found;
  }

  #open(): Promise<Github> {
    return (this.#github ??= openGithub(this.#settings.token));
  }

  /** Whether it was done; where not, that is told. */
  async #attempt(work: (github: Github) => Promise<void>): Promise<boolean> {
    if (this.#isRefused) return false;
    try {
      await work(await this.#open());
      return true;
    } catch (error) {
      this.#tellOf(error);
      return false;
    }
  }

  /** Once, whatever fails afterwards. */
  #tellOf(error: unknown): void {
    this.#isRefused = isRefused(error);
    if (this.#warned) return;
    this.#warned = true;
    const off = isForbidden(error) ? ', or set `github-deployments: off`' : '';
    const next = nextStep(error, 'deployments: write') ?? 'The deployment itself goes on without it';
    this.#tell.warning(`GitHub does not show this deployment: ${whyNot(error)}. ${next}${off}.`);
  }

  /** Whether GitHub itself shows a deployment for the job, which then is the one. */
  async #isShownByGithub(github: Github): Promise<boolean> {
    if (this.#settings.mode === 'on') return false;
    this.#isTheJobs ??= this.#namesEnvironment(github);
    const isShown = await this.#isTheJobs;
    if (isShown)
      this.#tell.debug('the job names an environment, for which GitHub shows a deployment of its own');
    return isShown;
  }

  /**
   * Nothing that a step is given says whether its job names an environment. GitHub's identity token does; where the job may
   * have none, a deployment of the same environment does that GitHub has made for this very run.
   */
  async #namesEnvironment(given: Github): Promise<boolean> {
    const { rest, context } = given;
    const claims = await this.#settings.claims();
    if (claims !== undefined) return typeof claims.environment === 'string';
    const { environment, github } = this.#settings;
    const { data } = await rest.repos.listDeployments({
      ...context.repo,
      ...{ sha: github.sha, environment, per_page: 10 },
    });
    for (const { id, payload } of data.filter((each) => !isOurs(each.payload))) {
      const last = await lastStatus(given, id);
      const { log_url: log = '', target_url: target = '', state = '' } = last ?? {};
      const isOfRun = `${log}/ ${target}/`.includes(`/actions/runs/${github.runId}/`);
      if (isOfRun && !['inactive', 'failure', 'error'].includes(state)) return true;
      this.#tell.debug(`deployment ${id} is not of this run (${JSON.stringify(payload)})`);
    }
    return false;
  }
}

/** A deployment that a run left in progress; without `end`, because it was killed, else because GitHub did not answer. */
export interface UnendedDeployment {
  id: number;
  end?: DeploymentEnd | undefined;
}

/** How a deployment ended whose run was killed. */
const abandoned: DeploymentEnd = {
  ...{ state: 'error', description: 'the run ended before the deployment did', url: '' },
  replacesOthers: false,
};

/** For the post step. */
export async function endLeftDeployment(
  settings: Omit<DeploymentSettings, 'mode' | 'claims'>,
  { id, end = abandoned }: UnendedDeployment,
  debug: (text: string) => void,
): Promise<void> {
  // The run has warned of it.
  const tell = { debug, warning: debug };
  const claims = () => Promise.resolve(undefined);
  await new GithubDeployments(tell, { ...settings, claims, mode: 'on' }).endLeft(id, end);
}

async function setState(
  { rest, context }: Github,
  id: number,
  { state, description, url, runUrl }: NewStatus,
): Promise<void> {
  await rest.repos.createDeploymentStatus({
    ...context.repo,
    ...{ deployment_id: id, state, auto_inactive: false, description: shortened(description) },
    ...(runUrl !== '' && { log_url: runUrl }),
    ...(url !== '' && { environment_url: url }),
  });
}

/** What a deployment was last said to be. */
async function lastStatus({ rest, context }: Github, id: number): Promise<Status | undefined> {
  const { data } = await rest.repos.listDeploymentStatuses({
    ...context.repo,
    ...{ deployment_id: id, per_page: 1 },
  });
  return data[0];
}

function isPaused(status: Status | undefined): boolean {
  return status?.state === 'in_progress' && status.description === pausedDescription;
}

/** Whether the action made it, for the application and in the run if given. GitHub gives a payload as it came, or as JSON. */
function isOurs(payload: unknown, application?: string, run?: string): boolean {
  let value = payload;
  try {
    if (typeof payload === 'string') value = JSON.parse(payload) as unknown;
  } catch {
    return false;
  }
  const { by, application: of, run: in_ } = (value ?? {}) as Record<string, unknown>;
  const isOne = (wanted: string | undefined, found: unknown): boolean =>
    wanted === undefined || found === wanted;
  return by === 'asg-deploy' && isOne(application, of) && isOne(run, in_);
}

function shortened(text: string): string {
  return text.length <= longestDescription ? text : `${text.slice(0, longestDescription - 1)}…`;
}
