/**
 * Versions that do not come up, on machines that really boot: what the built action says of each, and that the version
 * before goes on serving. Several applications are rolled out side by side, for most of the time is waiting.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { callJson } from './support/client.ts';
import { Control } from './support/control.ts';
import { makeDatabase } from './support/database.ts';
import { Images, serverDockerfile } from './support/images.ts';
import { portOf } from './support/ports.ts';
import { Service, type UnderLoad } from './support/service.ts';

const port = portOf(import.meta.url);
jest.setTimeout(600_000);

/** A service that says which version it is; `first` runs before it listens, `then` when it does. */
const server = (
  version: string,
  { first = '', then = '', at = 'process.env.PORT', answer = "response.end('hello');" } = {},
): string => `
import { createServer } from 'node:http';
${first}
const server = createServer((request, response) => {
  response.setHeader('X-App-Version', '${version}');
  ${answer}
});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
server.listen(${at}, () => console.log('listening on port', server.address().port));
${then}
`;

const versions = {
  good: server('1'),
  /** The first version of the service that loses its images. */
  old: `// old\n${server('1')}`,
  crash: server('2', { first: "throw new Error('GREETING is not set');" }),
  port: server('2', { at: '8081' }),
  gone: server('2'),
  /** Healthy, and of no use to anybody. */
  errs: server('2', {
    answer: "response.statusCode = request.url === '/healthz' ? 200 : 500; response.end('hello');",
  }),
  slow: server('2', { first: 'await new Promise((resolve) => setTimeout(resolve, 25_000));' }),
  dies: server('2', {
    then: "setTimeout(() => { console.error('Error: the lease is lost'); process.exit(9); }, 25_000);",
  }),
};

const sampleApp = fileURLToPath(new URL('../../sample-app', import.meta.url));
/** Where the database holds the notes. */
const password = 'correct-horse-battery';

type Version = keyof typeof versions | 'notes' | 'bad-notes';

let cloud: CloudDescription;
let images: Images;
const image = new Map<Version, string>();
const services: Service[] = [];
const runs = new Map<string, Promise<UnderLoad>>();

/** An application with its first version deployed. */
async function serving(
  application: string,
  first = image.get('good') ?? '',
  options: { guarded?: boolean } = {},
): Promise<Service> {
  const service = await Service.create(application, cloud, options);
  services.push(service);
  const result = await service.deployUnused(first);
  if (result.conclusion !== 'success') throw new Error(result.log);
  return service;
}

/** The sample application, and a version of it with a migration that can't succeed. */
async function pushNotes(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'notes-'));
  try {
    const filter = (source: string): boolean => !['node_modules', 'test'].includes(basename(source));
    await cp(sampleApp, folder, { recursive: true, filter });
    image.set('notes', await images.pushFolder('notes', folder));
    await cp(join(sampleApp, 'test/support/bad-migrations'), join(folder, 'src/migrations'), {
      recursive: true,
    });
    image.set('bad-notes', await images.pushFolder('bad-notes', folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function servingNotes(): Promise<Service> {
  const [url] = await Promise.all([makeDatabase(cloud, 'notes', password), pushNotes()]);
  const body = { Name: '/notes/dev/DATABASE_URL', Value: url, Type: 'SecureString' };
  await callJson(cloud, { service: 'ssm', target: 'AmazonSSM.PutParameter' }, body);
  return serving('notes', image.get('notes'));
}

/** Rolls images out to a service one after the other, each as a case of its own. */
function inTurn(
  started: Promise<Service>,
  cases: [string, (service: Service) => Promise<UnderLoad>][],
): void {
  let before: Promise<unknown> = Promise.resolve();
  for (const [name, deploy] of cases) {
    const run = before.then(async () => deploy(await started));
    before = run;
    run.catch(() => undefined);
    runs.set(name, run);
  }
}

const deploy =
  (version: Version, inputs: Record<string, string> = {}) =>
  (service: Service): Promise<UnderLoad> =>
    service.deploy(image.get(version) ?? '', { inputs });

/** Somebody deletes an image when it has been looked up, and AWS takes its time to begin. */
const deployLosing =
  (version: Version, lost: Version, inputs: Record<string, string> = {}) =>
  async (service: Service): Promise<UnderLoad> => {
    await new Control(cloud).fault({
      ...{ service: 'autoscaling', operation: 'StartInstanceRefresh', delayMilliseconds: 8000 },
      parameters: { AutoScalingGroupName: 'loses-dev' },
    });
    return service.deploy(image.get(version) ?? '', {
      inputs,
      on: [/Rollout forecast/, () => images.remove(image.get(lost) ?? '')],
    });
  };

async function seen(name: string): Promise<UnderLoad> {
  const run = await runs.get(name);
  if (run === undefined) throw new Error(`nobody ran ${name}`);
  if (process.env.SHOW_LOGS)
    process.stderr.write(`\n━━ ${name}\n${run.result.log}\n${JSON.stringify(run.load)}\n`);
  return run;
}

/** What a person finds in the log, in this order. */
function expectLog({ log }: StepResult, ...texts: (string | RegExp)[]): void {
  let rest = log;
  for (const text of texts) {
    const at = typeof text === 'string' ? rest.indexOf(text) : rest.search(text);
    if (at < 0) throw new Error(`the log does not hold, or not in this place: ${String(text)}\n${log}`);
    rest = rest.slice(at);
  }
}

function expectRolledBack({ result, load }: UnderLoad, failureReason = 'boot-failed'): void {
  expect(result.exitCode).toBe(1);
  expect(result.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': failureReason });
  expectLog(result, /rolled back: both instances run version \d+ again/, 'next: ');
  expect(result.leftovers).toEqual([]);
  // The version before went on serving, and nobody noticed anything.
  expect(load.sent).toBeGreaterThan(50);
  expect(load).toMatchObject({ failed: 0, failures: [] });
}

beforeAll(async () => {
  // Alarms judge every ten seconds, as on AWS every minute.
  cloud = await cloudUp(port, { options: ['--metric-minute', '10'] });
  images = await Images.create('versions', cloud);
  const names = Object.keys(versions) as (keyof typeof versions)[];
  for (const name of names) {
    image.set(name, await images.push(name, { Dockerfile: serverDockerfile, 'server.mjs': versions[name] }));
  }
  inTurn(servingNotes(), [
    ['migration', deploy('bad-notes', { 'terraform-variables': 'startup_timeout_seconds = 40' })],
  ]);
  inTurn(serving('loses', image.get('old')), [
    ['gone', deployLosing('gone', 'gone')],
    // All old instances first, so that going back needs new ones.
    [
      'lost',
      deployLosing('crash', 'old', { 'min-healthy-percentage': '0', 'max-healthy-percentage': '100' }),
    ],
  ]);
  inTurn(serving('dies'), [['dies', deploy('dies', { 'bake-time': '90' })]]);
  inTurn(serving('errs', undefined, { guarded: true }), [['errs', deploy('errs', { 'bake-time': '90' })]]);
  inTurn(serving('starts'), [
    ['crash', deploy('crash')],
    ['slow', deploy('slow')],
  ]);
  inTurn(serving('asks'), [
    ['port', deploy('port', { 'terraform-variables': 'startup_timeout_seconds = 30' })],
    ['parameter', deploy('slow', { 'terraform-variables': 'required_parameters = GREETING' })],
  ]);
});

afterAll(async () => {
  await Promise.allSettled(runs.values());
  await images?.close();
  await cloudDown(port);
  await Promise.all(services.map(({ project }) => project.remove()));
});

describe('a version that does not come up is rolled back and explained', () => {
  it('when it crashes on start', async () => {
    const run = await seen('crash');
    expectLog(
      run.result,
      /Error: the new version does not start: the container exited with code 1 on (\d) of \1 new instances/,
      /what the container said last: +Error: GREETING is not set {3}\(i-/,
      /next: +add \/starts\/dev\/GREETING to Parameter Store/,
    );
    expectRolledBack(run);
  });

  it('when it listens on another port', async () => {
    const run = await seen('port');
    expectLog(
      run.result,
      /the container runs, but nothing answered \/healthz on port 3000 for 30 s on (\d) of \1 new instances/,
      'listening on port 8081',
      'make the ports agree: the container says that it listens on 8081, and Terraform was told 3000',
    );
    expectRolledBack(run);
  });

  it('when a parameter is missing', async () => {
    const run = await seen('parameter');
    expectLog(
      run.result,
      /\/asks\/dev\/GREETING is missing, on (\d) of \1 new instances/,
      /next: +write the value of \/asks\/dev\/GREETING to Parameter Store/,
    );
    expectRolledBack(run);
  });

  it('when its image was deleted before an instance could pull it', async () => {
    const run = await seen('gone');
    expectLog(
      run.result,
      /the registry no longer has the image, on (\d) of \1 new instances/,
      /what the boot said: +step pull: docker failed: .*manifest unknown/,
      'see who deleted it or which lifecycle rule of the repository expired it',
    );
    expectRolledBack(run);
  });

  it('when a migration fails', async () => {
    const run = await seen('migration');
    expectLog(
      run.result,
      /the container runs, but \/healthz answered 503 for 40 s on (\d) of \1 new instances/,
      /what the container said last: .*migration 900_half.sql failed: relation "no_such_table" does not exist/,
      /what \/healthz answered last: +503 \{"status":"starting","database":"not migrated"/,
      'see in which state it left the database',
    );
    expect(run.result.debugLog).not.toContain(password);
    expectRolledBack(run);
  });

  it('when it ends after it was healthy, while a bake time goes on', async () => {
    const { result } = await seen('dies');
    // Docker before 23 says 0 of a container that it has started again before it came to say it.
    expectLog(
      result,
      /Error: the new version does not stay up: the container exited with code [09] after it was healthy, on (\d) of \1 new instances/,
      /what the container said last: +Error: the lease is lost/,
      /how often: +Docker started it again/,
      /rolled back: both instances run version \d+ again/,
    );
    expect(result.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'boot-failed' });
  });
});

describe('a version that is healthy and answers with errors', () => {
  it('is stopped by the alarm that these errors raise, and rolled back', async () => {
    const { result, load } = await seen('errs');
    expectLog(
      result,
      'Error: the new version set off the alarm errs-dev-error-rate',
      /rolled back: both instances run version \d+ again/,
      'next: ',
    );
    expect(result.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'alarm' });
    expect(load.failed).toBeGreaterThan(0);
  });
});

describe('a rollback that fails as well', () => {
  it('is shouted, with both causes and what to do first', async () => {
    const { result } = await seen('lost');
    expectLog(
      result,
      'Error: THE ROLLBACK FAILED, the group may run both versions: the new version does not start: the container exited with code 1',
      /what the container said last: +Error: GREETING is not set/,
      /why the rollback failed: +version 1 does not start: the registry no longer has the image, on \d of \d new instances/,
      /what the boot said: +step pull: /,
      /not rolled back: no instance of version 1 serves; instance refresh \S+ goes on trying at AWS/,
      /next: +look at the group now: what version 1 needs: see who deleted it/,
      /Then: add \/loses\/dev\/GREETING/,
    );
    expect(result.exitCode).toBe(1);
    expect(result.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'rollback-failed' });
  });
});

describe('a version that takes its time', () => {
  it('is waited for, and replaces the one before without a lost request', async () => {
    const { result, load } = await seen('slow');
    if (result.conclusion !== 'success') throw new Error(result.log);
    expect(result.outputs.status).toBe('deployed');
    expect(load).toMatchObject({ failed: 0, failures: [] });
    expect(Object.keys(load.versions).sort()).toEqual(['1', '2']);
  });
});
