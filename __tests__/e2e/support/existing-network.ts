import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';

export interface ExistingNetwork {
  vpcId: string;
  subnetIds: string[];
  securityGroupId: string;
}

/** The account's default network: what a company has already. */
export async function existingNetwork(cloud: CloudDescription): Promise<ExistingNetwork> {
  const ec2 = new EC2Client(clientConfiguration(cloud));
  try {
    const { Subnets = [] } = await ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
    );
    const vpcId = Subnets[0]?.VpcId ?? '';
    const { SecurityGroups = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
    );
    return {
      vpcId,
      subnetIds: Subnets.map(({ SubnetId }) => SubnetId ?? ''),
      securityGroupId: SecurityGroups[0]?.GroupId ?? '',
    };
  } finally {
    ec2.destroy();
  }
}

/** A target group in that network, with health checks as often as AWS allows and a short drain. */
export async function existingTargetGroup(
  cloud: CloudDescription,
  { vpcId }: ExistingNetwork,
  name: string,
): Promise<string> {
  const balancing = new ElasticLoadBalancingV2Client(clientConfiguration(cloud));
  try {
    const { TargetGroups } = await balancing.send(
      new CreateTargetGroupCommand({
        Name: name,
        VpcId: vpcId,
        Protocol: 'HTTP',
        Port: 3000,
        TargetType: 'instance',
        HealthCheckPath: '/healthz',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 4,
        HealthyThresholdCount: 2,
      }),
    );
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
    await balancing.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }],
      }),
    );
    return TargetGroupArn;
  } finally {
    balancing.destroy();
  }
}

/** A load balancer that forwards everything to a target group, without which its targets are unused. */
export async function existingLoadBalancer(
  cloud: CloudDescription,
  { subnetIds }: ExistingNetwork,
  { name, targetGroup }: { name: string; targetGroup: string },
): Promise<{ url: string; arn: string }> {
  const balancing = new ElasticLoadBalancingV2Client(clientConfiguration(cloud));
  try {
    const { LoadBalancers } = await balancing.send(
      new CreateLoadBalancerCommand({ Name: name, Subnets: subnetIds }),
    );
    const { LoadBalancerArn: arn = '', DNSName = '' } = LoadBalancers?.[0] ?? {};
    await balancing.send(
      new CreateListenerCommand({
        ...{ LoadBalancerArn: arn, Protocol: 'HTTP', Port: 80 },
        DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroup }],
      }),
    );
    return { url: `http://${DNSName}`, arn };
  } finally {
    balancing.destroy();
  }
}
