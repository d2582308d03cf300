import type { TableDescription } from '@aws-sdk/client-dynamodb';
import {
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeployError, isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import type { Deviation, Tags } from './ownership.ts';
import { isHalfMade, setupTags, toTags } from './ownership.ts';
import { repeatWhile } from './retry.ts';

/** A lock table as it was found. */
export interface ObservedTable {
  arn: string;
  status: string;
  /** "LockID HASH S": name, role and attribute type of each key. */
  keys: string[];
  deletionProtected: boolean;
  /** undefined when the role may not read it. */
  pointInTimeRecovery: boolean | undefined;
  tags: Tags | undefined;
}

export type TableEvaluation =
  | { action: 'refuse'; problem: string; fix: string }
  | { action: 'complete' }
  | { action: 'use'; deviations: Deviation[] };

const expectedKey = 'LockID HASH S';

/** Decides what to do with a table that exists: never changed unless a run of the action began it. */
export function evaluateTable(table: string, observed: ObservedTable): TableEvaluation {
  if (observed.keys.length !== 1 || observed.keys[0] !== expectedKey) {
    return {
      action: 'refuse',
      problem: `the lock table ${table} has the key ${observed.keys.join(', ')}; Terraform needs LockID, a string, as its only (partition) key`,
      fix: 'name another table as lock-table (it is made when it does not exist), or lock-table: none to lock in S3 alone',
    };
  }
  if (
    ['DELETING', 'ARCHIVING', 'ARCHIVED', 'INACCESSIBLE_ENCRYPTION_CREDENTIALS'].includes(observed.status)
  ) {
    return {
      action: 'refuse',
      problem: `the lock table ${table} can't be used: it is ${observed.status}`,
      fix: 'wait until it is gone and run this job again, or name another table as lock-table',
    };
  }
  if (observed.tags && isHalfMade(observed.tags)) return { action: 'complete' };
  const deviations: Deviation[] = [];
  if (!observed.deletionProtected)
    deviations.push({
      problem: `the lock table ${table} has no deletion protection`,
      fix: `aws dynamodb update-table --table-name ${table} --deletion-protection-enabled`,
    });
  if (observed.pointInTimeRecovery === false)
    deviations.push({
      problem: `the lock table ${table} has no point-in-time recovery`,
      fix: `aws dynamodb update-continuous-backups --table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
    });
  return { action: 'use', deviations };
}

/** A lock table and the client that reads it. */
export interface TableAccess {
  client: DynamoDBClient;
  table: string;
}

/** A client for the table; nothing is asked yet. */
export function openTable({ aws }: Run, table: string): TableAccess {
  return { client: new DynamoDBClient(aws.clientConfiguration), table };
}

async function describe({ client, table }: TableAccess): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** Reads a table and its settings; undefined when there is none of that name. */
export async function observeTable(access: TableAccess): Promise<ObservedTable | undefined> {
  const found = await describe(access);
  if (!found) return undefined;
  const { client, table } = access;
  const [recovery, tags] = await Promise.all([
    readable(async () => {
      const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName: table }));
      const recovery = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
      return recovery?.PointInTimeRecoveryStatus === 'ENABLED';
    }),
    readable(async () =>
      toTags((await client.send(new ListTagsOfResourceCommand({ ResourceArn: found.TableArn ?? '' }))).Tags),
    ),
  ]);
  const typeOf = (name: string | undefined) =>
    found.AttributeDefinitions?.find((attribute) => attribute.AttributeName === name)?.AttributeType;
  return {
    arn: found.TableArn ?? '',
    status: found.TableStatus ?? '',
    keys: (found.KeySchema ?? []).map(
      ({ AttributeName, KeyType }) => `${AttributeName} ${KeyType} ${typeOf(AttributeName)}`,
    ),
    deletionProtected: found.DeletionProtectionEnabled ?? false,
    pointInTimeRecovery: recovery,
    tags,
  };
}

async function readable<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isAwsError(error, 'AccessDeniedException', 'TableNotFoundException')) return undefined;
    throw error;
  }
}

/**
 * Makes the table; another run may make it at the same time.
 * @returns false when the other was first
 */
export async function createTable({ client, table }: TableAccess): Promise<boolean> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
        DeletionProtectionEnabled: true,
        Tags: setupTags('in-progress'),
      }),
    );
    return true;
  } catch (error) {
    if (isAwsError(error, 'ResourceInUseException')) return false;
    throw error;
  }
}

/** Waits until the table takes requests: `attempts` looks, `pause` milliseconds apart. Returns its ARN. */
export async function waitUntilActive(
  run: Run,
  access: TableAccess,
  { attempts = 90, pause = 2_000 }: { attempts?: number; pause?: number } = {},
): Promise<string> {
  let status = 'absent';
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const found = await describe(access);
    status = found?.TableStatus ?? 'absent';
    if (status === 'ACTIVE' || status === 'UPDATING') return found?.TableArn ?? '';
    await sleep(pause, undefined, { signal: run.signal });
  }
  throw new DeployError({
    reason: 'backend',
    message: `the lock table ${access.table} is still ${status} after ${Math.round((attempts * pause) / 1000)} s`,
    left: 'No infrastructure was touched.',
    next: 'run this job again: it goes on with the same table',
  });
}

/** Finishes a table of our own making: point-in-time recovery, then the tag that says so. */
export async function configureTable(run: Run, access: TableAccess): Promise<void> {
  const { client, table } = access;
  const arn = await waitUntilActive(run, access);
  await repeatWhile(
    ['ContinuousBackupsUnavailableException', 'ResourceInUseException', 'LimitExceededException'],
    () =>
      client.send(
        new UpdateContinuousBackupsCommand({
          TableName: table,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ),
    { attempts: 30, pause: 2_000, signal: run.signal },
  );
  await repeatWhile(
    ['ResourceInUseException'],
    () => client.send(new TagResourceCommand({ ResourceArn: arn, Tags: setupTags('complete') })),
    { signal: run.signal },
  );
}
