/** Names that AWS does not take, with their neighbours that it does. */
import { describe, expect, it } from '@jest/globals';
import { nameRefusal } from '../../../local-cloud/model/names.ts';

const base = { region: 'eu-north-1', accountId: '123456789012', requestId: 'r' };

function said(service: string, operation: string, parameters: Record<string, string>): string {
  const refusal = nameRefusal({ ...base, service, operation, parameters });
  return refusal === undefined ? '' : `${refusal.code}: ${refusal.message}`;
}

type Row = [operation: string, parameters: Record<string, string>, refusal: RegExp | ''];

const tables: Record<string, Row[]> = {
  elasticloadbalancing: [
    ['CreateLoadBalancer', { Name: 'shop-internal' }, ''],
    ['CreateLoadBalancer', { Name: 'internal' }, ''],
    ['CreateLoadBalancer', { Name: 'a'.repeat(32) }, ''],
    ['CreateLoadBalancer', { Name: 'internal-shop' }, /^ValidationError: .* cannot begin with 'internal-'$/],
    ['CreateLoadBalancer', { Name: '-shop' }, /cannot begin or end with '-'$/],
    ['CreateLoadBalancer', { Name: 'shop-' }, /cannot begin or end with '-'$/],
    [
      'CreateLoadBalancer',
      { Name: 'a'.repeat(33) },
      /^ValidationError: The load balancer name 'a+' cannot be longer than '32' characters$/,
    ],
    ['CreateLoadBalancer', { Name: 'shop_dev' }, /can only contain characters that are alphanumeric/],
    ['CreateTargetGroup', { Name: 'internal-shop' }, ''],
    ['CreateTargetGroup', { Name: 'shop--dev' }, ''],
    [
      'CreateTargetGroup',
      { Name: 'shop.dev' },
      /^ValidationError: Target group name 'shop.dev' can only contain/,
    ],
    ['CreateTargetGroup', { Name: 'a'.repeat(33) }, /cannot be longer than '32' characters$/],
    ['CreateTargetGroup', { Name: 'shop-' }, /cannot begin or end with '-'$/],
  ],
  ssm: [
    ['PutParameter', { Name: '/shop/dev/AWS_REGION' }, ''],
    ['PutParameter', { Name: '/shop/aws/x' }, ''],
    ['PutParameter', { Name: `/${'a/'.repeat(14)}a` }, ''],
    ['PutParameter', { Name: 'plain.name_1-2' }, ''],
    [
      'PutParameter',
      { Name: '/aws/dev/x' },
      /^AccessDeniedException: No access to reserved parameter name: \/aws\/dev\/x\.$/,
    ],
    ['PutParameter', { Name: '/AWSome/dev/x' }, /^AccessDeniedException: No access/],
    [
      'PutParameter',
      { Name: '/ssm/dev/x' },
      /^ValidationException: Parameter name: can't be prefixed with "ssm"/,
    ],
    [
      'PutParameter',
      { Name: '/ssmith/dev/x' },
      /^ValidationException: Parameter name: can't be prefixed with "ssm"/,
    ],
    ['PutParameter', { Name: 'awesome' }, ''],
    [
      'PutParameter',
      { Name: 'aws-x' },
      /^ValidationException: Parameter name: can't be prefixed with "aws" or "ssm"/,
    ],
    ['PutParameter', { Name: '/shop/dev/a b' }, /^ValidationException: /],
    ['PutParameter', { Name: '/shop/dev/' }, /^ValidationException: /],
    [
      'PutParameter',
      { Name: 'shop/dev' },
      /^ValidationException: Parameter name must be a fully qualified name\.$/,
    ],
    ['PutParameter', { Name: `/${'a/'.repeat(15)}a` }, /^HierarchyLevelLimitExceededException: .*depth: 16/],
  ],
  rds: [
    ['CreateDBInstance', { DBInstanceIdentifier: 'a'.repeat(63) }, ''],
    ['CreateDBInstance', { DBInstanceIdentifier: 'shop-dev-1' }, ''],
    [
      'CreateDBInstance',
      { DBInstanceIdentifier: 'a'.repeat(64) },
      /^InvalidParameterValue: The parameter DBInstanceIdentifier is not a valid identifier\./,
    ],
    ['CreateDBInstance', { DBInstanceIdentifier: 'shop--dev' }, /two consecutive hyphens\.$/],
    ['CreateDBInstance', { DBInstanceIdentifier: 'shop-' }, /must not end with a hyphen/],
    ['CreateDBInstance', { DBInstanceIdentifier: '1shop' }, /must begin with a letter/],
    ['CreateDBInstance', { DBInstanceIdentifier: 'shop_dev' }, /not a valid identifier/],
    [
      'DeleteDBInstance',
      { FinalDBSnapshotIdentifier: 'shop-dev--2026' },
      /The parameter FinalDBSnapshotIdentifier/,
    ],
    ['CreateDBInstance', { MasterUsername: 'admin', Engine: 'mysql' }, ''],
    ['CreateDBInstance', { MasterUsername: 'postgres', Engine: 'postgres' }, ''],
    [
      'CreateDBInstance',
      { MasterUsername: 'admin', Engine: 'postgres' },
      /^InvalidParameterValue: MasterUsername admin cannot be used as it is a reserved word used by the engine$/,
    ],
    ['CreateDBInstance', { MasterUsername: 'rdsadmin', Engine: 'mysql' }, /reserved word/],
    ['CreateDBInstance', { MasterUsername: '1st' }, /must begin with a letter/],
    ['ModifyDBInstance', { MasterUserPassword: 'a'.repeat(8) }, ''],
    ['ModifyDBInstance', { MasterUserPassword: "p#a$s%s'w!" }, ''],
    ['ModifyDBInstance', { MasterUserPassword: 'a'.repeat(7) }, /shorter than 8 characters\.$/],
    ['ModifyDBInstance', { MasterUserPassword: 'a'.repeat(129) }, /longer than 128 characters\.$/],
    ...['/', '@', '"', ' ', 'é'].map((bad): Row => [
      'CreateDBInstance',
      { MasterUserPassword: `password${bad}` },
      /^InvalidParameterValue: .* Only printable ASCII characters besides/,
    ]),
  ],
  ec2: [
    ['CreateSecurityGroup', { GroupName: 'shop-sg-1', GroupDescription: 'PostgreSQL, from (all)' }, ''],
    [
      'CreateSecurityGroup',
      { GroupName: 'sg-shop' },
      /^InvalidParameterValue: Value \(sg-shop\) for parameter GroupName is invalid\. Group names may not be in the format sg-\*\.$/,
    ],
    [
      'CreateSecurityGroup',
      { GroupDescription: "Shop's" },
      /^InvalidParameterValue: Invalid security group description\./,
    ],
    ['CreateSecurityGroup', { GroupDescription: 'a'.repeat(256) }, /less than 256 characters/],
    ['CreateSecurityGroup', { GroupDescription: 'für' }, /Character sets beyond ASCII are not supported\.$/],
  ],
};

describe.each(Object.entries(tables))('%s', (service, rows) => {
  it.each(rows)('%s %j', (operation, parameters, refusal) => {
    if (refusal === '') expect(said(service, operation, parameters)).toBe('');
    else expect(said(service, operation, parameters)).toMatch(refusal);
  });
});

it('passwords are not in what is said about them', () => {
  expect(said('rds', 'CreateDBInstance', { MasterUserPassword: 'secret@1' })).not.toContain('secret');
});
