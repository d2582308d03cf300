import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startGithub } from '../../scripts/runner/github.ts';
import type { GithubOptions, GithubStandIn } from '../../scripts/runner/github.ts';
import type { DeploymentEnd, DeploymentSettings, UnendedDeployment } from '../../src/github/deployments.ts';
import { endLeftDeployment, GithubDeployments } from '../../src/github/deployments.ts';
import { inJob } from './support.ts';

const token = 'ghs_token';
const [first, second] = ['1'.repeat(40), '2'.repeat(40)];
let github: GithubStandIn;
/** Of the first one, for those after it. */
let port: number | undefined;

afterEach(() => github.close());

const success: DeploymentEnd = {
  state: 'success',
  description: 'deployed',
  url: 'http://shop.example',
  replacesOthers: true,
};
const paused: DeploymentEnd = {
  ...success,
  ...{ state: 'in_progress', description: 'paused', replacesOthers: false },
};
const failure: DeploymentEnd = { ...success, state: 'failure', url: '', replacesOthers: false };

/** One run: what is warned of, what `begin` said, and what is left to the post step. Before its end, `meanwhile` happens. */
async function run(
  commit: string,
  end?: DeploymentEnd,
  settings: Partial<DeploymentSettings> = {},
  meanwhile: () => void = () => undefined,
) {
  const warnings: string[] = [];
  let left: number | undefined;
  const id = await inJob({ apiUrl: github.apiUrl }, async () => {
    const deployments = new GithubDeployments(
      { debug: () => undefined, warning: (text) => void warnings.push(text) },
      {
        ...{ token, application: 'shop', environment: 'prod', mode: 'auto' },
        github: { sha: commit, runId: '1001', runUrl: 'https://github.com/octo-org/shop/actions/runs/1001' },
        claims: () => Promise.resolve(undefined),
        ...settings,
      },
    );
    const begun =
      commit === '' && end?.description === 'destroyed' ? undefined : await deployments.begin(commit);
    meanwhile();
    if (end && !(await deployments.end(end))) left = deployments.id;
    return begun;
  });
  return { warnings, id, left };
}

/** What the post step does. */
function late(deployment: UnendedDeployment): Promise<void> {
  const job = { sha: second, runId: '1001', runUrl: 'https://github.com/octo-org/shop/actions/runs/1001' };
  const settings = { token, application: 'shop', environment: 'prod', github: job };
  return inJob({ apiUrl: github.apiUrl }, () => endLeftDeployment(settings, deployment, () => undefined));
}

/** "commit: its states, the last one first" for each deployment, oldest first. */
const shown = () =>
  github.deployments.all.map(
    ({ sha, statuses }) => `${sha[0]}: ${statuses.map(({ state }) => state).join(' ')}`,
  );

async function start(options: GithubOptions = {}) {
  github = await startGithub(token, { ...options, ...(port !== undefined && { port }) });
  port = Number(new URL(github.apiUrl).port);
}

describe('deployments at GitHub', () => {
  it('are in progress while they roll out, and lead to log and service afterwards', async () => {
    await start({ commits: { unfinished: { [first]: ['ci'] } } });
    const { id } = await run(first);
    expect(shown()).toEqual(['1: in_progress']);
    expect(id).toBe(github.deployments.all[0]?.id);
    await run(second, success);
    expect(github.deployments.all[1]).toMatchObject({
      environment: 'prod',
      statuses: [
        {
          state: 'success',
          environment_url: 'http://shop.example',
          log_url: 'https://github.com/octo-org/shop/actions/runs/1001',
        },
        { state: 'in_progress' },
      ],
    });
  });

  it('has one active: the one that runs', async () => {
    await start();
    await run(first, success);
    await run(second, success);
    expect(shown()).toEqual(['1: inactive success in_progress', '2: success in_progress']);
    // A rollout that is rolled back by itself leaves the one before as it is.
    await run(first, failure);
    expect(shown()[1]).toBe('2: success in_progress');
    // The command rollback brings an older commit back.
    await run(first, success);
    expect(shown()).toEqual([
      '1: inactive success in_progress',
      '2: inactive success in_progress',
      '1: failure in_progress',
      '1: success in_progress',
    ]);
  });

  it('in an environment that GitHub calls production has one active as well', async () => {
    await start();
    await run(first, success, { environment: 'production' });
    await run(second, success, { environment: 'production' });
    expect(shown()).toEqual(['1: inactive success in_progress', '2: success in_progress']);
  });

  it('leaves those of another application and of another environment alone', async () => {
    await start();
    await run(first, success, { application: 'api' });
    await run(first, success, { environment: 'dev' });
    await run(second, success);
    expect(shown()).toEqual(['1: success in_progress', '1: success in_progress', '2: success in_progress']);
  });

  it('both stay active where only a part was replaced', async () => {
    await start();
    await run(first, success);
    await run(second, { ...success, replacesOthers: false });
    expect(shown()).toEqual(['1: success in_progress', '2: success in_progress']);
  });

  it('none is active after the environment was destroyed', async () => {
    await start();
    await run(first, success);
    await run('', { ...success, description: 'destroyed' });
    expect(shown()).toEqual(['1: inactive success in_progress']);
  });

  it('shows none for a commit that nobody knows, and what ran before is over all the same', async () => {
    await start({ commits: { known: [first] } });
    await run(first, success);
    expect((await run(second, success)).warnings).toEqual([]);
    expect(shown()).toEqual(['1: inactive success in_progress']);
    expect((await run('', success)).id).toBeUndefined();
  });

  it('of a killed run is ended by the post step', async () => {
    await start();
    const { id = 0 } = await run(first);
    await late({ id });
    expect(shown()).toEqual(['1: error in_progress']);
  });

  it('is ended by the post step where GitHub was down when the run ended, and so are those before it', async () => {
    let isDown = false;
    await start({ instead: () => (isDown ? { status: 503 } : undefined) });
    await run(first, success);
    const { warnings, left: unended } = await run(second, success, {}, () => (isDown = true));
    expect(warnings).toEqual([expect.stringMatching(/^GitHub does not show this deployment: 503/)]);
    expect(shown()[1]).toBe('2: in_progress');
    isDown = false;
    await late({ id: unended ?? 0, end: success });
    expect(shown()).toEqual(['1: inactive success in_progress', '2: success in_progress']);
    // It is done once.
    await late({ id: unended ?? 0, end: failure });
    expect(shown()[1]).toBe('2: success in_progress');
  });

  it('is ended to its last part where GitHub went down in between, and one that has no state yet as well', async () => {
    let isDown: (call: string) => boolean = () => false;
    await start({ instead: (call) => (isDown(call) ? { status: 503 } : undefined) });
    await run(first, success);
    // The first one can't be looked at any more when the second is a success.
    const { left = 0 } = await run(second, success, {}, () => {
      isDown = (call) => call.startsWith('GET') && call.includes('/statuses');
    });
    expect(shown()).toEqual(['1: success in_progress', '2: success in_progress']);
    isDown = () => false;
    await late({ id: left, end: success });
    expect(shown()).toEqual(['1: inactive success in_progress', '2: success in_progress']);
    isDown = (call) => call.endsWith('/statuses');
    const { left: bare = 0 } = await run(first, failure);
    isDown = () => false;
    expect(shown()[2]).toBe('1: ');
    await run(second, success);
    // It never ran: that another one runs is no news of it.
    await late({ id: bare, end: failure });
    expect(shown()[2]).toBe('1: failure');
  });

  it('is over by then where another run has deployed since', async () => {
    let isDown = false;
    await start({ instead: () => (isDown ? { status: 503 } : undefined) });
    const { left = 0 } = await run(first, success, {}, () => (isDown = true));
    isDown = false;
    await run(second, success);
    await late({ id: left, end: success });
    expect(shown()).toEqual(['1: inactive in_progress', '2: success in_progress']);
  });

  it('is left to the post step as well where GitHub was back for a moment when the run ended', async () => {
    let calls = 0;
    const instead = (call: string) => {
      if (!call.startsWith('POST')) return undefined;
      calls += 1;
      return calls === 1 || calls > 2 ? { status: 503 } : undefined;
    };
    await start({ instead });
    const { id, left } = await run(first, success);
    expect(id).toBeUndefined();
    expect(left).toBe(github.deployments.all[0]?.id);
  });

  it('has a description that GitHub takes', async () => {
    await start();
    const { warnings } = await run(first, { ...failure, description: 'x'.repeat(300) });
    expect(warnings).toEqual([]);
    expect(github.deployments.all[0]?.statuses[0]?.description).toHaveLength(140);
  });

  it('comes again when GitHub says that the calls were too many', async () => {
    await start({ limited: 1 });
    expect((await run(first, success)).warnings).toEqual([]);
    expect(shown()).toEqual(['1: success in_progress']);
  });

  it.each<[string, GithubOptions['instead'], string[]]>([
    [
      'is down when it begins: it is there when it ends',
      (_, count) => (count <= 1 ? { status: 502 } : undefined),
      ['1: success in_progress'],
    ],
    [
      'has begun one, and its answer is lost: it is not begun twice',
      (call, count) =>
        call.endsWith('/deployments') && count === 1 ? { status: 502, done: true } : undefined,
      ['1: success'],
    ],
    [
      'fails to take a state: it is said once more',
      (call, count) => (call.endsWith('/statuses') && count <= 2 ? { status: 503 } : undefined),
      ['1: success in_progress'],
    ],
    [
      'is over its limit until a moment from now',
      (call, count) =>
        call.startsWith('POST') && count === 1
          ? {
              status: 403,
              message: 'API rate limit exceeded for installation.',
              headers: {
                'x-ratelimit-remaining': '0',
                'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 1),
              },
            }
          : undefined,
      ['1: success in_progress'],
    ],
  ])('is right at the end where GitHub %s', async (_, instead, wanted) => {
    await start({ ...(instead && { instead }) });
    const { warnings } = await run(first, success);
    expect(shown()).toEqual(wanted);
    expect(warnings).toEqual([]);
  });

  it.each<[string, GithubOptions, RegExp]>([
    [
      'may not write',
      { deployments: 'read' },
      /403 Resource not accessible.*`permissions: deployments: write`/,
    ],
    [
      'may see nothing',
      { deployments: 'none' },
      /403 Resource not accessible.*`permissions: deployments: write`/,
    ],
    ['is over its limit for long', { limited: 9 }, /403 You have exceeded.*\. The deployment itself goes on/],
    [
      'meets a GitHub that is down',
      { instead: () => ({ status: 503 }) },
      /503 Server Error\. The deployment/,
    ],
    [
      'has a token that GitHub does not take',
      { instead: () => ({ status: 401, message: 'Bad credentials' }) },
      /401 Bad credentials\. See that github-token is the job's own/,
    ],
    [
      'has used up its calls for an hour',
      {
        instead: () => ({
          status: 403,
          message: 'API rate limit exceeded for installation.',
          headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4102444800' },
        }),
      },
      /403 API rate limit exceeded.*\. The deployment itself goes on/,
    ],
  ])('is one warning where the job %s', async (_what, options, said) => {
    await start(options);
    const { warnings } = await run(first, success);
    expect(warnings).toEqual([expect.stringMatching(said)]);
    expect(shown()).toEqual([]);
  });
});

/** A later run over what an earlier one left. */
async function later(
  work: (deployments: GithubDeployments) => Promise<unknown>,
  settings: Partial<DeploymentSettings> = {},
) {
  const warnings: string[] = [];
  await inJob({ apiUrl: github.apiUrl }, () =>
    work(
      new GithubDeployments(
        { debug: () => undefined, warning: (text) => void warnings.push(text) },
        {
          ...{ token, application: 'shop', environment: 'prod', mode: 'auto' },
          github: { sha: second, runId: '1002', runUrl: '' },
          claims: () => Promise.resolve(undefined),
          ...settings,
        },
      ),
    ),
  );
  expect(warnings).toEqual([]);
}

describe('a deployment that pauses', () => {
  beforeEach(async () => {
    await start();
    await run(first, success);
    await run(second, paused);
  });

  const before = '1: success in_progress';

  it('stays in progress, and what ran before stays the active one', () => {
    expect(shown()).toEqual([before, '2: in_progress in_progress']);
    expect(github.deployments.all[1]?.statuses[0]).toMatchObject({ description: 'paused' });
  });

  const promoted = ['1: inactive success in_progress', '2: success in_progress in_progress in_progress'];

  it.each<[string, string, Partial<DeploymentSettings>]>([
    ['by its commit', second, {}],
    ['of a commit that nobody knows', '', {}],
    ['from a job behind an environment', second, { claims: async () => ({ environment: 'prod-promotion' }) }],
  ])('is the one that is promoted, %s', async (_what, commit, settings) => {
    await later(async (deployments) => {
      await deployments.goOn(commit);
      await deployments.end(success);
    }, settings);
    expect(shown()).toEqual(promoted);
  });

  it('is a failure when its second half fails', async () => {
    await later(async (deployments) => {
      await deployments.goOn(second);
      await deployments.end(failure);
    });
    expect(shown()).toEqual([before, '2: failure in_progress in_progress in_progress']);
  });

  it('may pause again', async () => {
    await later(async (deployments) => {
      await deployments.goOn(second);
      await deployments.end(paused);
    });
    await later((deployments) => deployments.goOn(second));
    expect(github.deployments.all).toHaveLength(2);
  });

  it.each<[string, Partial<DeploymentSettings>]>([
    ['by a job of no environment', {}],
    ['by a job behind an environment', { claims: async () => ({ environment: 'prod' }) }],
  ])('is over when it is taken back, and what ran before is not: %s', async (_what, settings) => {
    await later((deployments) => deployments.takeBack(), settings);
    expect(shown()).toEqual([before, '2: inactive in_progress in_progress']);
    await later((deployments) => deployments.takeBack());
    expect(shown()).toEqual([before, '2: inactive in_progress in_progress']);
  });

  it('is not that of another application, nor a rollout that goes on', async () => {
    await run(first, paused, { application: 'api' });
    await run(first);
    await later((deployments) => deployments.takeBack());
    expect(shown().slice(2)).toEqual(['1: in_progress in_progress', '1: in_progress']);
  });

  it('is over when something else was deployed over it', async () => {
    await run(first, success);
    expect(shown()).toEqual([
      '1: inactive success in_progress',
      '2: inactive in_progress in_progress',
      '1: success in_progress',
    ]);
  });

  it('begins where none had paused, as after a run that was lost', async () => {
    await later(async (deployments) => {
      await deployments.takeBack();
      await deployments.goOn(second);
    });
    expect(shown()[2]).toBe('2: in_progress');
  });
});

describe('a job that names an environment', () => {
  const ofJob = () => github.deployments.addOfJob(first, 'prod', '1001');
  const states = () => shown().length;

  it.each<[string, () => unknown, Partial<DeploymentSettings>, boolean]>([
    ['its identity token says so', () => 0, { claims: async () => ({ environment: 'production' }) }, false],
    ['its identity token names none', ofJob, { claims: async () => ({ sub: 'x' }) }, true],
    ['GitHub shows one for this run', ofJob, {}, false],
    ['GitHub shows one, and on is given', ofJob, { mode: 'on' }, true],
    ['GitHub shows one of another run', () => github.deployments.addOfJob(first, 'prod', '100'), {}, true],
    [
      'GitHub shows one of a run whose id begins alike',
      () => github.deployments.addOfJob(first, 'prod', '10011'),
      {},
      true,
    ],
    [
      'GitHub shows one for another environment',
      () => github.deployments.addOfJob(first, 'dev', '1001'),
      {},
      true,
    ],
    [
      'GitHub shows one for another commit',
      () => github.deployments.addOfJob(second, 'prod', '1001'),
      {},
      true,
    ],
  ])('%s', async (_what, prepare, settings, isShown) => {
    await start();
    prepare();
    const before = states();
    const { warnings } = await run(first, success, settings);
    expect(warnings).toEqual([]);
    expect(states() - before).toBe(isShown ? 1 : 0);
  });
});
