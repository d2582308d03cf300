/** Quotas of vCPUs, as AWS's own client of Service Quotas sees them, and as launches are held against them. */
import { AutoScalingClient, DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import { CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  GetServiceQuotaCommand,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allow, assumeRole, makeRole } from '../helpers/roles.ts';
import { python, startTestCloud, type TestCloud } from '../helpers/test-cloud.ts';

const suite = python === undefined ? describe.skip : describe;

const code = 'L-1216C47A';

suite('quotas of vCPUs', () => {
  let cloud: TestCloud;
  let quotas: ServiceQuotasClient;

  beforeAll(async () => {
    cloud = await startTestCloud({ vcpus: 3 });
    quotas = new ServiceQuotasClient(cloud.client);
  });

  afterAll(async () => {
    await cloud.close();
  });

  const get = (QuotaCode: string, ServiceCode = 'ec2') =>
    quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));

  it('are told by their code', async () => {
    expect((await get(code)).Quota).toMatchObject({
      QuotaCode: code,
      QuotaName: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
      QuotaArn: `arn:aws:servicequotas:eu-north-1:123456789012:ec2/${code}`,
      Value: 3,
    });
    await expect(get('L-00000000')).rejects.toMatchObject({ name: 'NoSuchResourceException' });
    await expect(get(code, 'vpc')).rejects.toMatchObject({ name: 'NoSuchResourceException' });
  });

  it('are refused to who may not read them', async () => {
    const role = await makeRole(cloud.client, 'looker', { statements: [allow('ec2:DescribeInstances')] });
    const credentials = await assumeRole(cloud.client, role);
    const denied = new ServiceQuotasClient({ ...cloud.client, credentials });
    await expect(
      denied.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: code })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('servicequotas:GetServiceQuota') as unknown,
    });
  });

  it('hold up a launch until they are raised', async () => {
    const autoScaling = new AutoScalingClient(cloud.client);
    await new EC2Client(cloud.client).send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'shop',
        LaunchTemplateData: { ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro' },
      }),
    );
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        ...{ AutoScalingGroupName: 'shop', MinSize: 2, MaxSize: 2, AvailabilityZones: ['eu-north-1a'] },
        LaunchTemplate: { LaunchTemplateName: 'shop' },
      }),
    );
    const ends = async () => {
      const { Activities = [] } = await autoScaling.send(
        new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'shop' }),
      );
      return Activities.map(({ StatusCode }) => StatusCode);
    };
    await cloud.advance(60);
    expect(await ends()).toEqual(expect.arrayContaining(['Successful', 'Failed']));
    const raise = (DesiredValue: number) =>
      quotas.send(
        new RequestServiceQuotaIncreaseCommand({ ServiceCode: 'ec2', QuotaCode: code, DesiredValue }),
      );
    await expect(raise(3)).rejects.toMatchObject({ name: 'IllegalArgumentException' });
    expect((await raise(4)).RequestedQuota).toMatchObject({ DesiredValue: 4, Status: 'APPROVED' });
    expect((await get(code)).Quota?.Value).toBe(4);
    await cloud.advance(600);
    expect((await ends()).filter((status) => status === 'Successful')).toHaveLength(2);
  });
});
