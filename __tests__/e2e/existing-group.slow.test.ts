/** A group and a template that somebody made by hand, taken over as docs/your-own-terraform.md says, and deployed to. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { clientConfiguration } from './support/client.ts';
import { portOf } from './support/ports.ts';
import { actionDirectory, Project } from './support/project.ts';

const port = portOf(import.meta.url);
const group = 'shop-production';
const template = 'shop-machines';
jest.setTimeout(240_000);

let cloud: CloudDescription;
let project: Project;
let autoScaling: AutoScalingClient;
let ec2: EC2Client;
let templateId: string;

/** The `import` blocks of the documentation, with the ids of this group and template. */
async function documentedImport(): Promise<string> {
  const page = await readFile(join(actionDirectory, 'docs/your-own-terraform.md'), 'utf8');
  const [, blocks = ''] = /```hcl\n( *import \{[^`]*)```/.exec(page) ?? [];
  return blocks.replace('lt-0123456789abcdef0', templateId);
}

async function look(): Promise<AutoScalingGroup> {
  const answer = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
  );
  return answer.AutoScalingGroups?.[0] ?? ({} as AutoScalingGroup);
}

const versions = async (): Promise<(string | undefined)[]> =>
  ((await look()).Instances ?? []).map(({ LaunchTemplate }) => LaunchTemplate?.Version);

/** What somebody has run for years: three versions of a template, and a group on the second. */
async function makeByHand(variables: string): Promise<void> {
  const value = (name: string): string =>
    variables
      .split('\n')
      .find((line) => line.startsWith(`${name} = `))
      ?.slice(`${name} = `.length) ?? '';
  const data = {
    ...{ ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro' as const },
    SecurityGroupIds: JSON.parse(value('security_group_ids')) as string[],
    IamInstanceProfile: { Name: 'shop' },
  };
  const made = await ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: template, LaunchTemplateData: data }),
  );
  templateId = made.LaunchTemplate?.LaunchTemplateId ?? '';
  for (const version of ['2', '3'])
    await ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: templateId,
        LaunchTemplateData: {
          ...data,
          UserData: Buffer.from(`#!/bin/bash\necho ${version}\n`).toString('base64'),
        },
      }),
    );
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: group,
      LaunchTemplate: { LaunchTemplateId: templateId, Version: '2' },
      VPCZoneIdentifier: (JSON.parse(value('subnet_ids')) as string[]).join(','),
      TargetGroupARNs: [JSON.parse(value('target_group_arn')) as string],
      ...{ MinSize: 2, MaxSize: 5, DesiredCapacity: 3 },
    }),
  );
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { Instances = [] } = await look();
    if (Instances.filter(({ LifecycleState }) => LifecycleState === 'InService').length === 3) return;
    await delay(200);
  }
  throw new Error('the group that was made by hand did not come up');
}

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '60'] });
  autoScaling = new AutoScalingClient(clientConfiguration(cloud));
  ec2 = new EC2Client(clientConfiguration(cloud));
  project = await Project.create('shop', cloud);
  const infrastructure = join(project.directory, 'infrastructure');
  await makeByHand(await readFile(join(infrastructure, 'environments/dev.tfvars'), 'utf8'));
  await project.editRoot(
    'main.tf',
    'name                   = local.name',
    `name                   = "${template}"`,
  );
  await project.editRoot('main.tf', 'name                = local.name', `name                = "${group}"`);
  await project.editRoot('main.tf', 'max_size            = 4', 'max_size            = 5');
  await project.commit('infrastructure/import.tf', await documentedImport());
});

afterAll(async () => {
  autoScaling.destroy();
  ec2.destroy();
  await cloudDown(port);
  await project.remove();
});

it('the plan imports both, and changes only what is documented', async () => {
  const { conclusion, log, outputs } = await project.deploy({ inputs: { command: 'plan' } });
  expect([conclusion, log]).toEqual(['success', log]);
  expect(log).toContain(`~ aws_launch_template.service (imported from ${templateId})`);
  expect(log).toContain(`~ aws_autoscaling_group.service (imported from ${group})`);
  expect(outputs['plan-summary']).toBe('{"add":0,"change":2,"destroy":0}');
  expect(await versions()).toEqual(['2', '2', '2']);
});

it('the deployment replaces the instances by a rollout, and after it there is nothing to do', async () => {
  const { CreatedTime: made } = await look();
  const result = await project.deploy();
  expect([result.conclusion, result.log]).toEqual(['success', result.log]);
  expect(result.outputs).toMatchObject({ status: 'deployed', 'template-version': '4' });
  expect(await versions()).toEqual(['4', '4', '4']);
  expect((await look()).CreatedTime).toEqual(made);
  const again = await project.deploy();
  expect([again.outputs.status, again.log]).toEqual(['unchanged', again.log]);
});

it('what ran before can be gone back to by its number', async () => {
  const back = await project.deploy({ inputs: { command: 'rollback', 'template-version': '2' } });
  expect([back.conclusion, back.log]).toEqual(['success', back.log]);
  expect(await versions()).toEqual(['2', '2', '2']);
});
