import { CreateManagedPrefixListCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { callJson, clientConfiguration } from './client.ts';
import { existingNetwork, type ExistingNetwork } from './existing-network.ts';

/** What a company has before the service comes. */
export interface Company {
  network: ExistingNetwork;
  securityGroupId: string;
  prefixListId: string;
  keyArn: string;
  webAclArn: string;
  /** Of a load balancer in that network, on port 80; what fits no rule is answered with 404. */
  listenerArn: string;
}

async function makeKey(cloud: CloudDescription): Promise<string> {
  const call = { service: 'kms', target: 'TrentService.CreateKey' };
  const { KeyMetadata } = await callJson<{ KeyMetadata: { Arn: string } }>(cloud, call, {});
  return KeyMetadata.Arn;
}

async function makeWebAcl(cloud: CloudDescription): Promise<string> {
  const call = { service: 'wafv2', target: 'AWSWAF_20190729.CreateWebACL' };
  const { Summary } = await callJson<{ Summary: { ARN: string } }>(cloud, call, {
    Name: 'company',
    Scope: 'REGIONAL',
    DefaultAction: { Allow: {} },
    Rules: [],
    VisibilityConfig: {
      SampledRequestsEnabled: false,
      CloudWatchMetricsEnabled: false,
      MetricName: 'company',
    },
  });
  return Summary.ARN;
}

async function makeListener(cloud: CloudDescription, network: ExistingNetwork): Promise<string> {
  const balancing = new ElasticLoadBalancingV2Client(clientConfiguration(cloud));
  try {
    const { LoadBalancers } = await balancing.send(
      new CreateLoadBalancerCommand({
        Name: 'company',
        Subnets: network.subnetIds,
        SecurityGroups: [network.securityGroupId],
      }),
    );
    const { Listeners } = await balancing.send(
      new CreateListenerCommand({
        LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
      }),
    );
    return Listeners?.[0]?.ListenerArn ?? '';
  } finally {
    balancing.destroy();
  }
}

/** Founds the company. */
export async function company(cloud: CloudDescription): Promise<Company> {
  const network = await existingNetwork(cloud);
  const ec2 = new EC2Client(clientConfiguration(cloud));
  try {
    const [group, list, keyArn, webAclArn, listenerArn] = await Promise.all([
      ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: 'company',
          Description: 'Clients of the company',
          VpcId: network.vpcId,
        }),
      ),
      ec2.send(
        new CreateManagedPrefixListCommand({
          PrefixListName: 'company',
          AddressFamily: 'IPv4',
          MaxEntries: 2,
          Entries: [{ Cidr: '192.0.2.0/24' }],
        }),
      ),
      makeKey(cloud),
      makeWebAcl(cloud),
      makeListener(cloud, network),
    ]);
    const prefixListId = list.PrefixList?.PrefixListId ?? '';
    return { network, securityGroupId: group.GroupId ?? '', prefixListId, keyArn, webAclArn, listenerArn };
  } finally {
    ec2.destroy();
  }
}
