import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGithub } from '../scripts/runner/github.ts';
import type { GithubOptions, GithubStandIn } from '../scripts/runner/github.ts';
import { deploymentEnd } from '../src/announcements.ts';
import { DeployError } from '../src/core/errors.ts';
import { post } from '../src/post.ts';
import type { Outcome } from '../src/report/record.ts';
import { newRecord } from '../src/report/record.ts';
import type { BlueGreenOutputs } from '../src/core/types.ts';
import type { Environment } from '../src/environment/environment.ts';
import type { Fleets } from '../src/rollout/index.ts';
import { environmentOf } from './environment/helpers.ts';
import { inJob } from './github/support.ts';
import type { JobVariables } from './github/support.ts';
import { failing, image, runMain, shop } from './support/run-main.ts';
import { fakeToolkit } from './support/fake-toolkit.ts';
import type { Steps, Surroundings } from './support/run-main.ts';

const sha = '4'.repeat(40);
let github: GithubStandIn;
/** Of the first one, for those after it. */
let port: number | undefined;
let webhook: Server;
/** What the webhook was told. */
let told: Record<string, unknown>[];
let status: number;
let address: string;

beforeEach(async () => {
  told = [];
  status = 200;
  webhook = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      told.push(JSON.parse(text) as Record<string, unknown>);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, resolve));
  address = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/services/T0/B0/s3cr3tpath`;
});

afterEach(async () => {
  await new Promise((resolve) => webhook.close(resolve));
  await github.close();
});

/** A whole run of the action in a job that has a token for GitHub and a webhook. */
async function run(
  inputs: Record<string, string> = {},
  steps: Partial<Steps> = {},
  {
    options,
    unchanged = false,
    event = {},
    ...rest
  }: {
    options?: GithubOptions;
    unchanged?: boolean;
    event?: Pick<JobVariables, 'event' | 'eventName'>;
  } & Surroundings = {},
) {
  github = await startGithub('ghs_token', { ...options, ...(port !== undefined && { port }) });
  port = Number(new URL(github.apiUrl).port);
  const variables = {
    GITHUB_SHA: sha,
    GITHUB_REPOSITORY: 'octo-org/shop',
    GITHUB_RUN_ID: '1001',
    ...rest.variables,
  };
  const given = { ...shop, 'github-token': 'ghs_token', 'webhook-url': address, ...inputs };
  return inJob({ apiUrl: github.apiUrl, ...event }, () =>
    runMain(given, steps, unchanged, { ...rest, variables }),
  );
}

const states = () => github.deployments.all.map(({ statuses }) => statuses.map(({ state }) => state));

describe('a run is told of', () => {
  it('among the deployments, and at the webhook', async () => {
    const { exitCode, state } = await run();
    expect(exitCode).toBe(0);
    expect(states()).toEqual([['success', 'in_progress']]);
    expect(github.deployments.all[0]).toMatchObject({ environment: 'prod', sha });
    expect(state.deployment).toBe('');
    expect(told).toEqual([
      expect.objectContaining({
        ...{ command: 'deploy', application: 'shop', environment: 'prod', status: 'deployed' },
        ...{ 'failure-reason': '', url: 'http://shop.example', 'template-version': 2 },
        run: 'https://github.com/octo-org/shop/actions/runs/1001',
        text: expect.stringMatching(/^✅ deployed: deploy shop prod\. Deployed shop to prod/),
      }),
    ]);
  });

  it('when it fails, with the cause', async () => {
    await run({}, { rollout: failing('boot-failed') });
    expect(states()).toEqual([['failure', 'in_progress']]);
    expect(told).toEqual([
      expect.objectContaining({
        ...{ status: 'failed', 'failure-reason': 'boot-failed', next: 'do it again' },
        sentence: 'boot-failed it was.',
      }),
    ]);
  });

  it('when its inputs are wrong: at the webhook alone', async () => {
    await run({ timeout: '5' });
    expect(github.calls).toEqual([]);
    expect(told).toEqual([expect.objectContaining({ 'failure-reason': 'input-invalid' })]);
  });

  it('when it is cancelled: no deployment stays in progress', async () => {
    const cancel: Steps['rollout'] = (run, signals) => {
      signals.emit('SIGINT');
      return Promise.reject(run.signal.reason as Error);
    };
    await run({}, { rollout: cancel });
    expect(states()).toEqual([['error', 'in_progress']]);
    expect(told).toEqual([expect.objectContaining({ status: 'cancelled' })]);
  });

  it('in the state for the post step while it goes on', async () => {
    const inProgress = async () => {
      while (states()[0]?.[0] !== 'in_progress') await sleep(20);
      // Its answer is read and saved.
      await sleep(2000);
    };
    const { savedAt, state } = await run({}, { plan: inProgress });
    expect(savedAt.rollout?.deployment).toBe(JSON.stringify({ id: github.deployments.all[0]?.id }));
    expect(state.deployment).toBe('');
  });

  it('in the state for the post step when GitHub is down at its end', async () => {
    let isDown = false;
    const options: GithubOptions = { instead: () => (isDown ? { status: 503 } : undefined) };
    const down = async () => {
      while (states()[0]?.[0] !== 'in_progress') await sleep(20);
      isDown = true;
    };
    const { exitCode, state } = await run({}, { rollout: down }, { options });
    expect(exitCode).toBe(0);
    expect(JSON.parse(state.deployment ?? '')).toEqual({
      id: github.deployments.all[0]?.id,
      end: { state: 'success', description: 'deployed', url: 'http://shop.example', replacesOthers: true },
    });
    isDown = false;
    const toolkit = async () => fakeToolkit({ infos: [], warnings: [] });
    const variables = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value] as const);
    const inputs = Object.entries({ ...shop, 'github-token': 'ghs_token' }).map(
      ([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const,
    );
    await inJob({ apiUrl: github.apiUrl }, () =>
      post({ ...process.env, ...Object.fromEntries([...variables, ...inputs]) }, toolkit),
    );
    expect(states()).toEqual([['success', 'in_progress']]);
  });

  it('with the commits that came since what ran before', async () => {
    const earlier = '3'.repeat(40);
    const imageBefore = { reference: `${image.repository}@sha256:${'7'.repeat(64)}`, tags: [earlier] };
    const history = [
      { sha: earlier, message: 'Begin', author: 'Ada', parents: [] },
      { sha, message: 'Drop ghs_token', author: 'Bob', parents: [earlier] },
    ];
    const { summary } = await run({}, {}, { imageBefore, options: { history } });
    expect(summary).toContain('**1 new commit**');
    expect(summary).toMatch(/- \[4444444\]\(\S+\/commit\/4{40}\) Drop \S*\*\S* \(Bob\)/);
    expect(summary).not.toContain('ghs_token');
    await github.close();
    const cancel: Steps['rollout'] = (run, signals) => {
      signals.emit('SIGINT');
      return Promise.reject(run.signal.reason as Error);
    };
    await run({}, { rollout: cancel }, { imageBefore, options: { history } });
    expect(github.calls.filter((call) => call.includes('/compare/'))).toEqual([]);
    await github.close();
    const refused = await run({}, {}, { imageBefore, options: { history, contents: 'none' } });
    expect(refused.exitCode).toBe(0);
    const warning = /GitHub does not list the commits.*contents: read/;
    expect(refused.told.filter((text) => warning.test(text))).toHaveLength(1);
    expect(refused.summary.replaceAll('\\', '')).toMatch(warning);
  });

  it('not among the deployments where that is off, nor when nothing was begun', async () => {
    await run({ 'github-deployments': 'off' });
    expect(github.calls).toEqual([]);
    await github.close();
    await run({}, { push: failing('image-push') });
    expect(states()).toEqual([]);
  });

  it('although GitHub and the webhook refuse: one warning each, and the run is what it was', async () => {
    status = 404;
    const { exitCode, told: log } = await run({}, {}, { options: { deployments: 'none' } });
    expect(exitCode).toBe(0);
    expect(log.filter((line) => line.startsWith('warning'))).toEqual([
      expect.stringContaining('`permissions: deployments: write`'),
      'warning: the webhook was not told how this run ended: it answered with HTTP 404',
    ]);
  });

  const down = { instead: () => ({ status: 503 }) };
  it.each<[string, string, GithubOptions, RegExp]>([
    ['deploy', 'no `deployments`', { deployments: 'none' }, /`permissions: deployments: write`/],
    ['deploy', '`deployments: read`', { deployments: 'read' }, /`permissions: deployments: write`/],
    ['deploy', 'a GitHub that is down', down, /503 .* The deployment itself goes on without it/],
    ['plan', 'no `pull-requests`', { pullRequests: 'none' }, /`permissions: pull-requests: write`/],
    ['plan', '`pull-requests: read`', { pullRequests: 'read' }, /`permissions: pull-requests: write`/],
    ['plan', 'a GitHub that is down', down, /503 .* The job summary has the plan/],
  ])('%s with %s is what it is, with one warning', async (command, _, options, said) => {
    const pullRequest = JSON.stringify({ pull_request: { number: 7, head: { sha } } });
    const event = command === 'plan' ? { event: pullRequest, eventName: 'pull_request' } : {};
    const { exitCode, told: log } = await run({ command, 'webhook-url': '' }, {}, { options, event });
    expect(exitCode).toBe(0);
    expect(log.filter((line) => line.startsWith('warning'))).toEqual([expect.stringMatching(said)]);
  });

  it('and the secret address of the webhook is nowhere', async () => {
    const {
      told: log,
      summary,
      outputs,
    } = await run({}, { rollout: () => Promise.reject(new Error(`no ${address}`)) });
    const all = [...log, summary, JSON.stringify(outputs), JSON.stringify(told)].join('\n');
    expect(all).toContain('***');
    expect(all).not.toContain('s3cr3tpath');
  });

  it('and a signature in its query is nowhere either, while a short path stays readable', async () => {
    const withQuery = address.replace(/\/services.*/, '/api?sig=c0ffee%2Bc0ffee');
    const { told: log, summary } = await run(
      { 'webhook-url': withQuery },
      { rollout: () => Promise.reject(new Error('no c0ffee%2Bc0ffee, no c0ffee+c0ffee, at /api')) },
    );
    const all = [...log, summary, JSON.stringify(told)].join('\n');
    expect(told).toHaveLength(1);
    expect(all).toContain('at /api');
    expect(all).not.toContain('c0ffee');
  });

  it('not at an address that is refused', async () => {
    const { exitCode, told: log } = await run({ 'webhook-url': address.replace('127.0.0.1', '127.0.0.2') });
    expect([exitCode, told]).toEqual([1, []]);
    expect(log.filter((line) => line.includes('the webhook was not told'))).toEqual([]);
  });

  it('by plan to nobody but the pull request', async () => {
    await run({ command: 'plan' });
    expect(told).toEqual([]);
    expect(github.deployments.all).toEqual([]);
  });

  it('in a file as well, where one is named', async () => {
    const { leftOver, exitCode } = await run({ 'summary-file': 'summary.md' });
    expect([exitCode, leftOver]).toEqual([0, ['summary.md']]);
  });

  it('and a file that can not be written is a warning', async () => {
    const { told: log, exitCode } = await run({ 'summary-file': 'no/such/folder.md' });
    expect(exitCode).toBe(0);
    expect(log).toContainEqual(
      expect.stringMatching(/^warning: the summary could not be written to no\/such/),
    );
  });
});

describe('a rollout that paused', () => {
  /** A second run, on the deployments that the first one left. */
  async function then(
    inputs: Record<string, string>,
    steps: Partial<Steps> = {},
    surroundings: Surroundings = {},
  ) {
    const given = { ...shop, 'github-token': 'ghs_token', 'webhook-url': address, ...inputs };
    const variables = {
      GITHUB_SHA: '5'.repeat(40),
      GITHUB_REPOSITORY: 'octo-org/shop',
      GITHUB_RUN_ID: '1002',
    };
    const all = { environment: pausedEnvironment(), ...surroundings, variables };
    return inJob({ apiUrl: github.apiUrl }, () => runMain(given, steps, false, all));
  }

  beforeEach(async () => {
    await run({}, {}, { ends: 'paused' });
  });

  it('is in progress, and nothing is left to the post step', async () => {
    expect(states()).toEqual([['in_progress', 'in_progress']]);
    expect(told).toEqual([expect.objectContaining({ status: 'paused' })]);
  });

  it('is the active deployment when it was promoted', async () => {
    const { exitCode, state } = await then({ command: 'promote' });
    expect([exitCode, state.deployment]).toEqual([0, '']);
    expect(states()).toEqual([['success', 'in_progress', 'in_progress', 'in_progress']]);
    expect(told[1]).toMatchObject({ command: 'promote', status: 'deployed' });
  });

  it('is over when it was taken back, whoever did that', async () => {
    const { exitCode } = await then({ command: 'abort' });
    expect(exitCode).toBe(0);
    expect(states()).toEqual([['inactive', 'in_progress', 'in_progress']]);
    expect(told[1]).toMatchObject({ command: 'abort' });
  });

  it.each<[string, Partial<Steps>, Surroundings, string[]]>([
    ['fails', { rollout: failing('boot-failed') }, {}, ['failure', 'in_progress']],
    ['pauses itself', {}, { ends: 'paused' }, ['in_progress', 'in_progress']],
    ['gets through', {}, {}, ['success', 'in_progress']],
  ])('is over when another deployment took it back that %s', async (_, steps, surroundings, own) => {
    await then({ 'on-active-refresh': 'replace' }, steps, { takesBack: true, ...surroundings });
    expect(states()).toEqual(expect.arrayContaining([own, ['inactive', 'in_progress', 'in_progress']]));
  });

  it('stays what it is when another deployment left it there', async () => {
    await then({ 'on-active-refresh': 'fail' }, { rollout: failing('refresh-active') });
    expect(states()).toContainEqual(['in_progress', 'in_progress']);
  });

  it('stays what it is when there was nothing to go on with', async () => {
    expect((await then({ command: 'promote' }, {}, { environment: environmentOf([3, 3]) })).exitCode).toBe(1);
    expect(states()).toEqual([['in_progress', 'in_progress']]);
  });
});

/** Version 3 has 10 % of the requests, for the commit of the first run. */
function pausedEnvironment(): Environment {
  const environment = environmentOf([2, 2]);
  const side = { name: 'shop-prod-green', group: environment.group, weight: 10, version: 3 };
  const sides = { targetGroupArn: '', staying: 2, serving: 2, others: 0 };
  const to = { ...side, ...sides };
  const from = { ...to, name: 'shop-prod-blue', weight: 90, version: 2 };
  const group = { autoscalingGroupName: 'shop-prod', targetGroupArn: '' };
  return {
    ...environment,
    outputs: {
      ...environment.outputs,
      blueGreen: {
        listenerRuleArn: 'rule',
        groups: [group, group],
        capacity: { min: 2, max: 2 },
      } as unknown as BlueGreenOutputs,
    },
    fleets: { state: { kind: 'shifting', from, to }, sides: [from, to], targets: [] } as unknown as Fleets,
  };
}

describe('deploymentEnd', () => {
  const ended = (status: Outcome) =>
    newRecord({ conclusion: { status: status as 'deployed', sentence: '' } });
  const error = (reason: DeployError['reason']) => new DeployError({ reason, message: '' });

  it.each<[Outcome, boolean]>([
    ['deployed', true],
    ['unchanged', true],
    ['destroyed', true],
    ['partly-replaced', false],
    ['no-instances', false],
  ])('%s is a success; that those before are over: %s', (status, replacesOthers) => {
    expect(deploymentEnd(ended(status), undefined)).toMatchObject({ state: 'success', replacesOthers });
  });

  it('a pause is no end: it is in progress, and what ran before runs on', () => {
    expect(deploymentEnd(ended('paused'), undefined)).toMatchObject({
      ...{ state: 'in_progress', description: 'paused', replacesOthers: false },
    });
  });

  it.each<[DeployError['reason'], string]>([
    ['boot-failed', 'failure'],
    ['cancelled', 'error'],
  ])('of a run that ended with %s is %s, and what ran before runs on', (reason, state) => {
    expect(deploymentEnd(newRecord(), error(reason))).toMatchObject({
      state,
      url: '',
      replacesOthers: false,
    });
  });
});
