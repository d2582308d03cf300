import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { clientConfiguration } from './client.ts';

const document = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });

/** What the boot script of terraform/modules/service calls. */
const calls = [
  ...['ecr:GetAuthorizationToken', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  ...[
    'ssm:GetParametersByPath',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'autoscaling:SetInstanceHealth',
  ],
];

/** A role for instances and its profile, both of this name. */
export async function makeInstanceProfile(cloud: { endpoint: string }, name: string): Promise<void> {
  const iam = new IAMClient(clientConfiguration({ endpoint: cloud.endpoint, region: 'us-east-1' }));
  const ec2 = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } };
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document(ec2) }));
  await iam.send(
    new PutRolePolicyCommand({
      ...{ RoleName: name, PolicyName: 'boot' },
      PolicyDocument: document({ Effect: 'Allow', Action: calls, Resource: '*' }),
    }),
  );
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
  iam.destroy();
}
