/**
 * Roots that would move the group themselves, or take away what serves or holds data: refused before the apply, shown by
 * `plan`, and allowed by name. The real Terraform makes the plans; instances are simulated.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { Aws } from './support/aws.ts';
import { Control } from './support/control.ts';
import { expectFailure, expectSuccess } from './support/outcome.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

const port = portOf(import.meta.url);
jest.setTimeout(300_000);

const ignored = 'ignore_changes = [launch_template[0].version, desired_capacity]';
const buckets = ['full', 'empty', 'kept']
  .map((name) => `resource "aws_s3_bucket" "${name}" { bucket = "guarded-${name}" }\n`)
  .join('');
const secret =
  'resource "aws_ssm_parameter" "secret" {\n  name             = "/guarded/dev/KEY"\n  type             = "SecureString"\n  value_wo         = "first"\n  value_wo_version = 1\n}\n';

let cloud: CloudDescription;
let aws: Aws;
const projects: Project[] = [];
const runs = new Map<string, Promise<StepResult>>();

/** Runs go on by themselves, one after the other in each project; each is a case of its own. */
async function inTurn(application: string, steps: [string, (project: Project) => Promise<StepResult>][]) {
  const project = await Project.create(application, cloud);
  projects.push(project);
  let before: Promise<unknown> = Promise.resolve();
  for (const [name, step] of steps) {
    const run = before.then(() => step(project));
    before = run;
    run.catch(() => undefined);
    runs.set(name, run);
  }
}

async function seen(name: string): Promise<StepResult> {
  const run = await runs.get(name);
  if (run === undefined) throw new Error(`nobody ran ${name}`);
  if (process.env.SHOW_LOGS) process.stderr.write(`\n━━ ${name}\n${run.log}\n`);
  return run;
}

/** The lines that a refusal says to put into the input. */
function allowing({ log }: StepResult): string {
  const [, after = ''] = log.split('allow-destroy: |\n');
  const lines = after.split('\n');
  return lines
    .slice(
      0,
      lines.findIndex((line) => line.includes('left: ')),
    )
    .join('\n');
}

const versions = new Map<string, (string | undefined)[]>();
const noting =
  (group: string, name: string, run: (project: Project) => Promise<StepResult>) =>
  async (project: Project) => {
    const result = await run(project);
    versions.set(name, await aws.versions(group));
    return result;
  };

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '60'] });
  aws = new Aws(cloud);
  await inTurn('moves', [
    [
      'first',
      async (project) => {
        await project.editRoot('main.tf', ignored, 'ignore_changes = [desired_capacity]');
        return project.deploy();
      },
    ],
    [
      'moved',
      noting('moves-dev', 'moved', async (project) => {
        await project.commit('content', 'second');
        return project.deploy();
      }),
    ],
    [
      'mended',
      noting('moves-dev', 'mended', async (project) => {
        await project.editRoot('main.tf', 'ignore_changes = [desired_capacity]', ignored);
        return project.deploy();
      }),
    ],
  ]);
  await inTurn('refreshes', [
    [
      'refreshes',
      noting('refreshes-dev', 'refreshes', async (project) => {
        await project.editRoot(
          'main.tf',
          '  lifecycle {\n    # The',
          '  instance_refresh { strategy = "Rolling" }\n\n  lifecycle {\n    # The',
        );
        return project.deploy();
      }),
    ],
  ]);
  await inTurn('guarded', [
    [
      'guarded',
      async (project) => {
        await project.commit('infrastructure/buckets.tf', buckets);
        await project.commit('infrastructure/secret.tf', secret);
        const result = await project.deploy();
        await aws.writeObject('guarded-full', 'report', 'of last year');
        return result;
      },
    ],
    [
      'plan',
      async (project) => {
        await project.commit(
          'infrastructure/buckets.tf',
          'removed {\n  from = aws_s3_bucket.kept\n  lifecycle {\n    destroy = false\n  }\n}\ncheck "name" {\n  assert {\n    condition     = local.name != ""\n    error_message = "no name"\n  }\n}\n',
        );
        await project.editRoot('main.tf', '= local.name\n  image_id', '= "${local.name}-next"\n  image_id');
        await project.editRoot(
          'main.tf',
          'min_size            = 2\n  max_size            = 4',
          'min_size            = 1\n  max_size            = 1',
        );
        // A role that only plans is to read no secret.
        await new Control(cloud).fault({
          ...{ service: 'ssm', operation: 'GetParameter', parameters: { Name: '/guarded/dev/KEY' } },
          ...{ error: 'AccessDeniedException', message: 'is not authorized to perform: ssm:GetParameter' },
        });
        return project.deploy({ inputs: { command: 'plan', 'allow-destroy': 'aws_sqs_queue' } });
      },
    ],
    ['refused', noting('guarded-dev', 'refused', (project) => project.deploy())],
    [
      'allowed',
      async (project) => {
        const refused = await runs.get('refused');
        return project.deploy({
          inputs: { 'allow-destroy': allowing(refused ?? ({ log: '' } as StepResult)) },
        });
      },
    ],
  ]);
});

afterAll(async () => {
  await Promise.allSettled(runs.values());
  aws.close();
  await cloudDown(port);
  for (const project of projects) await project.remove();
});

describe('a root that moves the group itself', () => {
  it('is refused before the apply, with what to write instead; the next run goes on', async () => {
    expectSuccess(await seen('first'));
    expectFailure(
      await seen('moved'),
      'plan-refused',
      /nobody asked for that: aws_autoscaling_group\.service:/,
      /aws_autoscaling_group\.service: +is changed: Terraform itself moves it to another template version/,
      /left: The plan was not applied: infrastructure and instances are as they were/,
      /next: write lifecycle \{ ignore_changes = \[launch_template\[0\]\.version, desired_capacity\] \}/,
    );
    expect(versions.get('moved')).toEqual(['1', '1']);
    expectSuccess(await seen('mended'));
    expect(versions.get('mended')).toEqual(['2', '2']);
  });

  it('by an instance refresh of its own is refused at the first deployment', async () => {
    expectFailure(
      await seen('refreshes'),
      'plan-refused',
      /its instance_refresh block/,
      /leave the instance_refresh block out/,
    );
    expect(versions.get('refreshes')).toEqual([]);
  });
});

describe('a plan that takes away what serves or holds data', () => {
  const findings = [
    /aws_launch_template\.service is replaced because of its name, the new one first: its id changes/,
    /aws_autoscaling_group\.service is changed: its max_size goes to 1 while 2 run: AWS terminates 1 of 2 instances/,
    /aws_s3_bucket\.full is destroyed: its objects are deleted with it/,
  ];

  it('is shown by plan, before its list and in the summary', async () => {
    expectSuccess(await seen('guarded'));
    const result = await seen('plan');
    expectSuccess(result);
    expect(result.log).toMatch(
      /may not read all that is there \(ssm:GetParameter\): planned from the state, so that what was changed outside/,
    );
    const list = result.log.indexOf('-/+ aws_launch_template.service');
    expect(result.log.indexOf('deploy would refuse this plan:')).toBeGreaterThan(0);
    expect(result.log.indexOf('deploy would refuse this plan:')).toBeLessThan(list);
    for (const finding of findings) expect(result.log).toMatch(finding);
    expect(result.log).not.toMatch(/! aws_s3_bucket\.(empty|kept)/);
    expect(result.log).toMatch(/aws_s3_bucket\.kept is forgotten: it stays on AWS/);
    expect(result.log).toMatch(/allow-destroy names aws_sqs_queue, to which this plan does nothing/);
    expect(result.log).toMatch(/Planned guarded in dev: .*, and deploy would refuse that \(\d findings\)/);
    expect(result.summary).toMatch(
      /deploy would refuse this plan:[^]*aws\\_s3\\_bucket\.full is destroyed[^]*Terraform: /,
    );
  });

  it('is refused by deploy, which names each and the lines that allow it', async () => {
    const result = await seen('refused');
    expectFailure(
      result,
      'plan-refused',
      /aws_launch_template\.service: +is replaced because of its name/,
      /aws_s3_bucket\.full: +is destroyed/,
    );
    expect(result.log).toMatch(/next: keep the launch template as it is named/);
    expect(result.log).not.toContain('aws_s3_bucket.empty:');
    expect(allowing(result).trim().split(/\s+/).toSorted()).toEqual([
      ...['aws_autoscaling_group.service', 'aws_launch_template.service', 'aws_s3_bucket.full'],
    ]);
    expect(versions.get('refused')).toEqual(['1', '1']);
  });

  it('is applied when those lines are given; when AWS stops it halfway, what became of the instances is said', async () => {
    const result = await seen('allowed');
    expectFailure(
      result,
      'terraform-apply',
      /aws_s3_bucket\.full is destroyed: .* \(allowed\)/,
      /BucketNotEmpty/,
      /Terraform had begun with aws_autoscaling_group\.service, which starts or ends instances by itself/,
    );
    expect(result.log).not.toContain('No instance was replaced');
  });
});
