/**
 * Every secret that a run can come across has a value that nothing else has, and everything that it writes is searched
 * for them: in the course of an environment's life, from its first deployment to its end, with real Terraform and Docker.
 * What is found has to be what is listed, so that a search that sees nothing fails as well.
 */
import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { commitVersion, createRepository } from '../../scripts/demo/versions.ts';
import { startGithub } from '../../scripts/runner/github.ts';
import type { GithubStandIn } from '../../scripts/runner/github.ts';
import { runAction } from '../../scripts/runner/runner.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { ROOT } from '../terraform/render.ts';
import { AssumableRoles } from './support/assumable-roles.ts';
import { canary, PreviewKeys, startTokens, startWebhook } from './support/confidant.ts';
import type { Listening } from './support/confidant.ts';
import { Control } from './support/control.ts';
import { Onlooker } from './support/onlooker.ts';
import { Parameters } from './support/parameters.ts';
import { portOf } from './support/ports.ts';
import { actionDirectory } from './support/project.ts';
import { filesBelow, objectsIn, partsOfImage, userData } from './support/stored.ts';
import { sweep } from './support/sweep.ts';
import type { Places } from './support/sweep.ts';

const port = portOf(import.meta.url);
jest.setTimeout(900_000);

const markName = 'SWEPT_BY';
const markValue = randomUUID();
const planted = {
  'access key of the job': canary(),
  'session token of the job': canary(),
  'request token': canary(),
  'GitHub token': `ghs_${canary().replace(/\W/g, '')}`,
  'address of the webhook': canary().replace(/\W/g, ''),
  'configuration value': canary().replace(/\W/g, ''),
  'sensitive variable': canary(),
  'sensitive output': canary(),
  'variable of the job': canary(),
  // Not secret at all: an argument of the build, which anybody may read in the image.
  'build argument': canary().replace(/\W/g, ''),
};

/** What a root of one's own has beside the bundled one. */
const outside = `
variable "api_token" {
  type      = string
  sensitive = true
}

variable "license" {
  type      = string
  sensitive = true
}

resource "aws_ssm_parameter" "api_token" {
  name             = "/outside/api_token"
  type             = "SecureString"
  value_wo         = var.api_token
  value_wo_version = 1
}

output "license" {
  value     = var.license
  sensitive = true
}
`;

/** What a service that can't start is often found to log. */
const confess = `
console.log(JSON.stringify(process.env));
throw new Error(\`can't reach \${process.env.DATABASE_URL} with API_KEY=\${process.env.API_KEY}\`);
`;

let cloud: CloudDescription;
let github: GithubStandIn;
let webhook: Listening;
let tokens: Awaited<ReturnType<typeof startTokens>>;
let repository: string;
let home: string;
let temporary: string;
let onlooker: Onlooker;
let previews: PreviewKeys;
const results: StepResult[] = [];
const learned = new Map<string, Set<string>>();

beforeAll(async () => {
  cloud = await cloudUp(port);
  const roles = await AssumableRoles.in(cloud);
  await roles.make('deploy');
  github = await startGithub(planted['GitHub token']);
  webhook = await startWebhook();
  const job = { repository: 'octo-org/shop', environment: 'dev' };
  tokens = await startTokens(planted['request token'], (audience) => roles.jobs.tokenOf(job, audience));
  [home, temporary] = (await Promise.all(
    ['home', 'temporary'].map((name) => mkdtemp(join(tmpdir(), `${name}-`))),
  )) as [string, string];
  repository = await createRepository();
  await cp(ROOT, join(repository, 'infrastructure'), {
    recursive: true,
    filter: (source) => !/\.terraform|\/(tests|bootstrap|examples)(\/|$)/.test(source),
  });
  await writeFile(join(repository, 'infrastructure/outside.tf'), outside);
  await mkdir(join(repository, 'infrastructure/environments'), { recursive: true });
  await commitVersion(repository, { number: 1, version: '1', subject: 'first', edits: [] });
  onlooker = Onlooker.begin(`${markName}=${markValue}`);
  previews = PreviewKeys.begin(cloud);
});

afterAll(async () => {
  await onlooker.end();
  await previews.end();
  await github.close();
  webhook.close();
  tokens.close();
  await cloudDown(port);
  for (const folder of [repository, home, temporary]) await rm(folder, { recursive: true, force: true });
});

const variables = {
  service: { warmup_seconds: 10, startup_timeout_seconds: 60 },
  load_balancer: {
    ...{ health_check_interval_seconds: 5, unhealthy_threshold: 2, deregistration_delay_seconds: 5 },
  },
  rollout: { strategy: 'blue-green' },
  database: { backup_days: 1, final_snapshot: false },
  api_token: planted['sensitive variable'],
};

/** Keys of the job, or a token with which it takes a role on. */
const identity = (withRole: boolean): Record<string, string> =>
  withRole
    ? {
        ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' },
        ACTIONS_ID_TOKEN_REQUEST_URL: `${tokens.address}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: planted['request token'],
      }
    : {
        AWS_ACCESS_KEY_ID: 'swept',
        AWS_SECRET_ACCESS_KEY: planted['access key of the job'],
        AWS_SESSION_TOKEN: planted['session token of the job'],
      };

async function step(
  command: string,
  {
    inputs = {},
    role = true,
    debug = false,
  }: { inputs?: Record<string, string>; role?: boolean; debug?: boolean } = {},
): Promise<StepResult> {
  const result = await runAction({
    actionDirectory,
    inputs: {
      ...{ command, application: 'shop', environment: 'dev', 'terraform-directory': 'infrastructure' },
      ...(role && { 'role-to-assume': 'arn:aws:iam::123456789012:role/deploy' }),
      'terraform-variables': JSON.stringify(variables),
      'build-args': `APP_VERSION=${planted['build argument']}`,
      'github-token': planted['GitHub token'],
      'github-deployments': 'on',
      'webhook-url': `${webhook.address}/services/${planted['address of the webhook']}`,
      ...inputs,
    },
    job: {
      workspace: repository,
      apiUrl: github.apiUrl,
      token: planted['GitHub token'],
      ...(command === 'plan' && {
        ...{ eventName: 'pull_request', event: { pull_request: { number: 7 } }, ref: 'refs/pull/7/merge' },
      }),
    },
    environment: {
      ...cloud.environment,
      ...{ HOME: home, TMPDIR: temporary, AWS_EC2_METADATA_DISABLED: 'true', [markName]: markValue },
      ...identity(role),
      TF_VAR_license: planted['sensitive output'],
      SOME_SECRET: planted['variable of the job'],
      ...(debug && { RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true' }),
    },
  });
  results.push(result);
  if (process.env.SHOW_LOGS) process.stderr.write(`\n━━ ${command}\n${result.log}\n`);
  return result;
}

const moving = { 'traffic-steps': '50, 100', 'step-time': '0', 'smoke-test-path': '/healthz' };

const learn = (name: string, value: string | undefined): void => {
  if (value === undefined || value.length < 12) return;
  learned.set(name, (learned.get(name) ?? new Set()).add(value));
};

/** The secrets that were made on the way, as whoever holds them has them. */
async function learnSecrets(): Promise<void> {
  for (const [program, lines] of onlooker.sight.environments)
    if (program !== 'node')
      for (const line of lines) {
        const [, name, value] = /^(AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)=(.*)$/.exec(line) ?? [];
        if (value !== undefined && !Object.values(planted).includes(value))
          learn(name === 'AWS_SESSION_TOKEN' ? 'session token of the role' : 'access key of the role', value);
      }
  for (const bytes of onlooker.sight.files.values()) {
    const [, auth] = /"auth": ?"([\w+/=]+)"/.exec(bytes.toString()) ?? [];
    learn('password of the registry', auth && Buffer.from(auth, 'base64').toString().replace(/^AWS:/, ''));
  }
  for (const key of previews.seen) learn('key of the preview', key);
  for (const token of tokens.given) learn('identity token', token.split('.')[2]);
  const parameters = await new Parameters(cloud).read('/shop/dev');
  if (parameters.DATABASE_URL !== undefined)
    learn('password of the database', new URL(parameters.DATABASE_URL).password);
}

const secrets = (): Record<string, string> => ({
  ...planted,
  ...Object.fromEntries(
    [...learned].flatMap(([name, values]) =>
      [...values].map((value, index) => [index === 0 ? name : `${name} ${index + 1}`, value]),
    ),
  ),
});

/** What the steps have written, and what was seen while they did. */
async function written(): Promise<Places> {
  const { sight, plans } = onlooker;
  const children = [...sight.environments].filter(([program]) => program !== 'node');
  return {
    'lines of the log': results.flatMap((result) => result.written.lines),
    summaries: results.map((result) => result.written.summary),
    outputs: results.map(({ outputs }) => JSON.stringify(outputs)),
    'states of the steps': results.map(({ state }) => JSON.stringify(state)),
    annotations: results.map(({ annotations }) => JSON.stringify(annotations)),
    'argument lists': [...sight.argumentLists],
    'environments of children': children.flatMap(([, lines]) => [...lines]),
    'private folder while it works': [...sight.files.values()],
    'saved plans while it works': await plans.read(),
    workspace: await filesBelow(repository),
    home: await filesBelow(home),
    'temporary folder': await filesBelow(temporary),
    'comments on GitHub': [JSON.stringify([...github.comments])],
    'deployments on GitHub': [JSON.stringify(github.deployments.all)],
    'messages of the webhook': webhook.bodies,
    'calls to AWS': [JSON.stringify(await new Control(cloud).calls())],
    'state bucket': await objectsIn(cloud, 'asg-deploy-123456789012-eu-north-1'),
  };
}

/** What there is on AWS until it is destroyed. */
async function deployed(): Promise<Places> {
  const images = [...new Set(results.map(({ outputs }) => outputs.image ?? ''))].filter((one) => one !== '');
  return {
    'user data': await userData(cloud, 'shop-dev'),
    images: (await Promise.all(images.map((image) => partsOfImage(cloud, image)))).flat(),
  };
}

const argument = 'build argument (as it is)';

/** Where a secret may be, and why; nothing else may be anywhere. */
const allowed: Record<string, string[]> = {
  // What anybody may read: it is planted in order to be found.
  'lines of the log': [argument],
  summaries: [argument],
  annotations: [argument],
  images: [argument],
  // Terraform and Docker work with the credentials, and with the variables that the job has for them. None of them is
  // given the tokens of GitHub or the address of the webhook.
  'environments of children': [
    'access key of the job (as it is)',
    'access key of the role (as it is)',
    argument,
    'sensitive output (as it is)',
    'session token of the job (as it is)',
    'session token of the role (as it is)',
    'variable of the job (as it is)',
  ],
  // Which nobody else can read, and which is gone afterwards: Docker's login, and the variables' file.
  'private folder while it works': ['password of the registry (base64)', 'sensitive variable (as it is)'],
  'saved plans while it works': ['sensitive output (as it is)', 'sensitive variable (as it is)'],
  // The root says so: an output that is sensitive is in the state all the same.
  'state bucket': ['sensitive output (as it is)'],
};

/** What was found of each kind of secret: a role has a session for each run. */
const byKind = (found: Record<string, string[]>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(found).map(([place, all]) => [
      place,
      [...new Set(all.map((each) => each.replace(/ \d+ \(/, ' (')))],
    ]),
  );

async function live(): Promise<void> {
  await new Parameters(cloud).overwrite('/shop/dev/API_KEY', planted['configuration value']);
  expect((await step('deploy')).outputs.status).toBe('deployed');
  const page = join(repository, 'src/page.js');
  await writeFile(page, `${await readFile(page, 'utf8')}\n`);
  await commitVersion(repository, { number: 2, version: '2', subject: 'second', edits: [] });
  expect((await step('plan')).outputs.status).toBe('planned');
  expect((await step('deploy', { inputs: moving, role: false })).outputs.status).toBe('deployed');
  await writeFile(join(repository, 'src/server.js'), confess);
  await commitVersion(repository, { number: 3, version: '3', subject: 'third', edits: [] });
  const failed = await step('deploy', { inputs: moving, debug: true });
  expect(failed.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'boot-failed' });
  expect(failed.log).toMatch(/Error: can't reach .* with API_KEY=/);
  expect((await step('status', { debug: true })).outputs.status).toBe('reported');
  expect((await step('rollback', { inputs: moving, debug: true })).outputs.status).toBe('deployed');
}

it('no secret is where it does not belong, from the first deployment to the end', async () => {
  await live();
  await learnSecrets();
  const stood = await deployed();
  const destroyed = await step('destroy', { inputs: { 'confirm-destroy': 'shop-dev' }, debug: true });
  expect(destroyed.outputs.status).toBe('destroyed');
  await onlooker.end();
  await learnSecrets();

  const places = { ...(await written()), ...stood };
  // Nothing was looked for where nothing is: what is not empty was seen.
  const empty = Object.keys(places).filter((place) =>
    (places[place] ?? []).every(({ length }) => length === 0),
  );
  const found = byKind(sweep(secrets(), places));
  expect(empty).toEqual(['home', 'temporary folder']);
  expect([...learned.keys()].toSorted()).toEqual([
    'access key of the role',
    'identity token',
    'key of the preview',
    'password of the database',
    'password of the registry',
    'session token of the role',
  ]);
  expect([...onlooker.sight.modes]).toEqual(['700']);
  expect(found).toEqual(allowed);
});
