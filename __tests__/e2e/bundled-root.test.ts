import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { POSTGRES_IMAGE } from '../../local-cloud/database/index.ts';
import { networkName } from '../../local-cloud/host/index.ts';
import { cloudDown, cloudUp, instancesInService } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { underLoad } from '../../scripts/demo/load.ts';
import { commitVersion, createRepository, demoVersions } from '../../scripts/demo/versions.ts';
import { runAction } from '../../scripts/runner/runner.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { portOf } from './support/ports.ts';
import { actionDirectory } from './support/project.ts';
import { clientConfiguration } from './support/client.ts';
import { Parameters } from './support/parameters.ts';
import { witnessed } from './support/witness.ts';

/**
 * The bundled Terraform root with a database, where instances are containers, PostgreSQL is real, and so are the
 * requests. Most of it is waiting: for minutes, the AWS provider does not believe in a database.
 */
const port = portOf(import.meta.url);
const application = 'rotation';
const group = `${application}-dev`;
jest.setTimeout(600_000);

const run = promisify(execFile);
let cloud: CloudDescription;
let repository: string;

beforeAll(async () => {
  cloud = await cloudUp(port);
  repository = await createRepository();
  const [version] = demoVersions;
  if (version === undefined) throw new Error('the sample application has no version');
  await commitVersion(repository, version);
});

afterAll(async () => {
  await cloudDown(port);
  await rm(repository, { recursive: true, force: true });
});

function deploy(passwordVersion: number): Promise<StepResult> {
  return runAction({
    actionDirectory,
    inputs: {
      application,
      environment: 'dev',
      'terraform-variables': JSON.stringify({
        // The startup timeout stays long: a machine that is busy boots slowly, and that is not what is tried here.
        service: { warmup_seconds: 10 },
        load_balancer: {
          health_check_interval_seconds: 5,
          unhealthy_threshold: 2,
          deregistration_delay_seconds: 15,
        },
        database: { backup_days: 1, password_version: passwordVersion },
        settings: { GREETING: 'from Terraform' },
      }),
    },
    job: { workspace: repository },
    environment: cloud.environment,
  });
}

function expectDeployed(result: StepResult, version: number): void {
  if (result.conclusion !== 'success') throw new Error(result.log);
  expect(result.outputs).toMatchObject({ status: 'deployed', 'template-version': String(version) });
}

/** Whether PostgreSQL lets the owner in with the password of this URL. */
async function opens(url: string): Promise<boolean> {
  const { hostname, username, password, pathname } = new URL(url);
  const psql = [
    'psql',
    '--host',
    hostname,
    '--username',
    username,
    '--command',
    'SELECT 1',
    pathname.slice(1),
  ];
  const [program = '', ...parameters] = psql;
  const docker = ['run', '--rm', '--network', networkName(Number(port)), '--env', 'PGPASSWORD'];
  return run('docker', [...docker, '--entrypoint', program, POSTGRES_IMAGE, ...parameters], {
    env: { ...process.env, PGPASSWORD: password },
  }).then(
    () => true,
    (error: { stderr?: string }) => {
      expect(error.stderr).toMatch(/password authentication failed/);
      return false;
    },
  );
}

async function state(): Promise<string> {
  const s3 = new S3Client(clientConfiguration(cloud));
  const { Body } = await s3.send(
    new GetObjectCommand({
      Bucket: 'asg-deploy-123456789012-eu-north-1',
      Key: `${application}/dev/terraform.tfstate`,
    }),
  );
  const text = await Body?.transformToString();
  s3.destroy();
  return text ?? '';
}

it('the database password is rotated under load: no request fails, and nobody sees either password', async () => {
  const parameters = new Parameters(cloud);
  const path = `/${application}/dev`;
  const first = await deploy(1);
  expectDeployed(first, 1);
  await parameters.overwrite(`${path}/GREETING`, 'from an operator');
  const before = await parameters.read(path);
  const instances = await instancesInService(cloud, group);

  const { result, load: report } = await underLoad(
    { url: first.outputs.url ?? '', connections: 10, rate: 60 },
    () =>
      witnessed(async () => {
        const deployed = await deploy(2);
        expectDeployed(deployed, 2);
        return deployed;
      }),
  );
  const { result: second, seen } = result;

  expect(report).toMatchObject({ failed: 0, lost: 0 });
  expect(report.sent).toBeGreaterThan(1000);
  const after = await parameters.read(path);
  const [oldUrl = '', newUrl = ''] = [before.DATABASE_URL, after.DATABASE_URL];
  expect(await Promise.all([oldUrl, newUrl].map(opens))).toEqual([false, true]);
  const replaced = await instancesInService(cloud, group);
  expect(replaced).toHaveLength(2);
  expect(replaced.filter((id) => instances.includes(id))).toEqual([]);
  expect(after.GREETING).toBe('from an operator');

  const calls = await (await fetch(`${cloud.endpoint}/_local/calls`)).text();
  const places: Record<string, string> = {
    logs: first.debugLog + second.debugLog,
    'summaries, outputs and states of the steps': JSON.stringify([first, second]),
    'argument lists': seen.arguments,
    'saved plans': seen.plans.join(''),
    'Terraform state': await state(),
    'recorded calls': calls,
  };
  expect(places['argument lists']).toMatch(/terraform\S* plan .*-out=/);
  expect(places['saved plans']).toContain('aws_db_instance');
  expect(places['Terraform state']).toContain('aws_db_instance');
  const secrets = [oldUrl, newUrl].map((url) => new URL(url).password);
  expect(secrets[0]).not.toBe(secrets[1]);
  for (const [place, text] of Object.entries(places)) {
    expect({ place, passwords: secrets.filter((secret) => text.includes(secret)) }).toEqual({
      place,
      passwords: [],
    });
  }
});
