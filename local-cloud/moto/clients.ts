/** Clients for moto itself, past the gateway, for our own services that need what moto keeps. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';

/** AWS clients that speak to moto past the gateway, for what others ask of it. */
export interface MotoClients {
  ec2: EC2Client;
  elasticLoadBalancingV2: ElasticLoadBalancingV2Client;
  cloudWatch: CloudWatchClient;
  destroy(): void;
}

/**
 * @param endpoint moto's own address, for instance `http://127.0.0.1:41234`
 */
export function createMotoClients(endpoint: string, region = 'eu-north-1'): MotoClients {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local-cloud' };
  const options = { endpoint, region, credentials };
  const ec2 = new EC2Client(options);
  const elasticLoadBalancingV2 = new ElasticLoadBalancingV2Client(options);
  const cloudWatch = new CloudWatchClient(options);
  return {
    ec2,
    elasticLoadBalancingV2,
    cloudWatch,
    destroy() {
      ec2.destroy();
      elasticLoadBalancingV2.destroy();
      cloudWatch.destroy();
    },
  };
}
