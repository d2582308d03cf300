import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  DescribeListenersCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { underLoad } from '../../../scripts/demo/load.ts';
import type { LoadReport } from '../../../scripts/demo/load-process.ts';
import type { StepResult } from '../../../scripts/runner/runner.ts';
import { clientConfiguration } from './client.ts';
import { makeInstanceProfile } from './instance-profile.ts';
import { existingLoadBalancer, existingNetwork, existingTargetGroup } from './existing-network.ts';
import { Project, type DeployOptions } from './project.ts';

const root = fileURLToPath(new URL('docker-root', import.meta.url));
const secondGroup = fileURLToPath(new URL('docker-root-blue-green', import.meta.url));
const script = fileURLToPath(
  new URL('../../../terraform/modules/service/user_data.sh.tftpl', import.meta.url),
);

export interface UnderLoad {
  result: StepResult;
  load: LoadReport;
}

/**
 * An application on two machines that really boot, behind a load balancer. That and the repository are there already:
 * Terraform would take a minute for them.
 */
export class Service {
  readonly project: Project;
  readonly url: string;

  private constructor(project: Project, url: string) {
    this.project = project;
    this.url = url;
  }

  /**
   * @param guarded rollouts are guarded by an alarm on the load balancer's errors
   * @param blueGreen there is a second group behind a rule with weights
   */
  static async create(
    application: string,
    cloud: CloudDescription,
    { guarded = false, blueGreen = false } = {},
  ): Promise<Service> {
    const [project, { subnets, targetGroup, url, dimension, listener, vpc }] = await Promise.all([
      Project.create(application, cloud),
      loadBalancer(application, cloud),
      repository(application, cloud),
      makeInstanceProfile(cloud, `${application}-dev`),
    ]);
    const infrastructure = join(project.directory, 'infrastructure');
    await rm(infrastructure, { recursive: true });
    await cp(root, infrastructure, { recursive: true });
    if (blueGreen) await cp(secondGroup, infrastructure, { recursive: true });
    await cp(script, join(infrastructure, 'user_data.sh.tftpl'));
    await mkdir(join(infrastructure, 'environments'));
    await project.write(
      'infrastructure/environments/dev.tfvars',
      Object.entries({
        ...{ subnet_ids: subnets, target_group_arn: targetGroup, url },
        ...(guarded && { load_balancer: dimension }),
        ...(blueGreen && { listener_arn: listener, vpc_id: vpc }),
      })
        .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
        .join(''),
    );
    return new Service(project, url);
  }

  /**
   * Deploys an image while somebody uses the service.
   *
   * @param image repository@digest
   */
  async deploy(image: string, options: DeployOptions = {}): Promise<UnderLoad> {
    return underLoad({ url: this.url, connections: 2, rate: 10 }, () => this.deployUnused(image, options));
  }

  deployUnused(image: string, { inputs, ...options }: DeployOptions = {}): Promise<StepResult> {
    return this.project.deploy({ inputs: { command: 'redeploy', image, ...inputs }, ...options });
  }
}

async function repository(repositoryName: string, cloud: CloudDescription): Promise<void> {
  const ecr = new ECRClient(clientConfiguration(cloud));
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  ecr.destroy();
}

/** Forwards everything to a new target group, whose targets are drained fast. */
async function loadBalancer(
  Name: string,
  cloud: CloudDescription,
): Promise<Record<'url' | 'targetGroup' | 'dimension' | 'listener' | 'vpc', string> & { subnets: string[] }> {
  const network = await existingNetwork(cloud);
  const targetGroup = await existingTargetGroup(cloud, network, Name);
  const balancing = new ElasticLoadBalancingV2Client(clientConfiguration(cloud));
  try {
    const delay = { Key: 'deregistration_delay.timeout_seconds', Value: '15' };
    await balancing.send(
      new ModifyTargetGroupAttributesCommand({ TargetGroupArn: targetGroup, Attributes: [delay] }),
    );
    const { url, arn } = await existingLoadBalancer(cloud, network, { name: Name, targetGroup });
    const dimension = arn.replace(/^.*:loadbalancer\//, '');
    const { Listeners } = await balancing.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
    const listener = Listeners?.[0]?.ListenerArn ?? '';
    return { url, targetGroup, subnets: network.subnetIds, dimension, listener, vpc: network.vpcId };
  } finally {
    balancing.destroy();
  }
}
