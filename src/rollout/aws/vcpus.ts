import {
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  type _InstanceType,
  type EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import type { AwsAccess } from '../../aws/index.ts';
import { isAwsError } from '../../core/index.ts';
import type { RunningInstance } from '../model/index.ts';
import type { RolloutApi } from './api.ts';

/** Service Quotas has no endpoint in some networks that all else is reached from. */
const patienceMilliseconds = 10_000;
/** DescribeInstanceTypes takes so many at once. */
const typesAtOnce = 100;

/** What a quota of vCPUs is asked, and held against. */
export function vcpus(
  access: AwsAccess,
  ec2: () => EC2Client,
): Pick<RolloutApi, 'vcpuQuota' | 'runningInstances' | 'vcpus'> {
  return {
    vcpuQuota: (code) => readQuota(access, code),
    async runningInstances() {
      const found: RunningInstance[] = [];
      let token: string | undefined;
      do {
        const { Reservations = [], NextToken } = await ec2().send(
          new DescribeInstancesCommand({
            Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running'] }],
            MaxResults: 1000,
            ...(token !== undefined && { NextToken: token }),
          }),
        );
        found.push(...Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(runningOf)));
        token = NextToken;
      } while (token !== undefined && token !== '');
      return found;
    },
    async vcpus(types) {
      const found: Record<string, number> = {};
      for (let start = 0; start < types.length; start += typesAtOnce) {
        const InstanceTypes = types.slice(start, start + typesAtOnce) as _InstanceType[];
        const answer = await ec2().send(new DescribeInstanceTypesCommand({ InstanceTypes }));
        for (const { InstanceType, VCpuInfo } of answer.InstanceTypes ?? [])
          if (InstanceType !== undefined && VCpuInfo?.DefaultVCpus !== undefined)
            found[InstanceType] = VCpuInfo.DefaultVCpus;
      }
      return found;
    },
  };
}

/** Loaded only when it is asked: a rolling deployment needs no client of it. */
async function readQuota({ clientConfiguration }: AwsAccess, QuotaCode: string): Promise<number | undefined> {
  const { GetServiceQuotaCommand, ServiceQuotasClient } = await import('@aws-sdk/client-service-quotas');
  const client = new ServiceQuotasClient(clientConfiguration);
  try {
    const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode }), {
      abortSignal: AbortSignal.timeout(patienceMilliseconds),
    });
    return Quota?.Value;
  } catch (error) {
    if (isAwsError(error, 'NoSuchResourceException')) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

/** What runs on dedicated hardware has quotas of its own. */
function runningOf({
  InstanceId: id = '',
  InstanceType: type = '' as _InstanceType,
  InstanceLifecycle,
  Placement,
}: Instance): RunningInstance[] {
  const shared = (Placement?.Tenancy ?? 'default') === 'default';
  return shared ? [{ id, type, spot: InstanceLifecycle === 'spot' }] : [];
}
