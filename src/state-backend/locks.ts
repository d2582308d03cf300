import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { hostname, userInfo } from 'node:os';
import type { Notice } from '../core/index.ts';
import { isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { backendNames } from './backend.ts';
import { openBucket } from './bucket.ts';
import { releaseCommand } from './release-lock.ts';

/** What Terraform writes into a lock (statemgr.LockInfo), as far as it is read here. */
export interface HeldLock {
  id: string;
  operation: string;
  /** user@host */
  who: string;
  /** Milliseconds since 1970; NaN when it was not readable. */
  created: number;
}

export function parseLock(text: string): HeldLock | undefined {
  try {
    const { ID, Operation, Who, Created } = JSON.parse(text) as Record<string, string | undefined>;
    if (ID === undefined || ID === '') return undefined;
    return { id: ID, operation: Operation ?? '', who: Who ?? '', created: Date.parse(Created ?? '') };
  } catch {
    return undefined;
  }
}

/** Who Terraform says that it is when it runs here. */
export function lockOwner(): string {
  return `${userInfo().username}@${hostname()}`;
}

/**
 * The lock of a state as S3 and DynamoDB have it now; nothing is guessed and nothing released.
 * @throws the SDK's errors when neither could be asked
 */
export async function readLock(run: Run, bucket: string, key: string): Promise<HeldLock | undefined> {
  const { lockTable } = backendNames(run);
  const [native, item] = await Promise.all([
    readNativeLock(run, bucket, key),
    lockTable === undefined ? undefined : readTableLock(run, { bucket, stateKey: key }, lockTable),
  ]);
  return native ?? item;
}

/** Of it, what S3 has: every Terraform that runs here locks there. @throws the SDK's errors */
export async function readNativeLock(run: Run, bucket: string, key: string): Promise<HeldLock | undefined> {
  const { client, owner } = openBucket(run, bucket);
  try {
    const { Body } = await client.send(new GetObjectCommand({ ...owner, Key: `${key}.tflock` }));
    return parseLock((await Body?.transformToString()) ?? '');
  } catch (error) {
    if (isAwsError(error, 'NoSuchKey', 'NoSuchBucket', 'NotFound')) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

/** Of it, what a table has. @throws the SDK's errors */
export async function readTableLock(
  { aws }: Run,
  { bucket, stateKey }: { bucket: string; stateKey: string },
  table: string,
): Promise<HeldLock | undefined> {
  const client = new DynamoDBClient(aws.clientConfiguration);
  try {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: { LockID: { S: `${bucket}/${stateKey}` } },
        ConsistentRead: true,
      }),
    );
    return parseLock(Item?.Info?.S ?? '');
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

export interface LockQuestion {
  bucket: string;
  key: string;
  lockTable: string | undefined;
  region: string;
  /** Milliseconds since 1970 at which the run began. */
  started: number;
  who: string;
}

/** What a person has to know about the lock after a run that was killed. Pure. */
export function lockNotice(lock: HeldLock | undefined, question: LockQuestion): Notice {
  const { bucket, key, started, who, region } = question;
  const state = `s3://${bucket}/${key}`;
  if (lock === undefined)
    return {
      level: 'info',
      text: `No lock is held on the Terraform state ${state}: the next run can go on.`,
    };
  const since = Number.isNaN(lock.created) ? 'an unknown time' : new Date(lock.created).toISOString();
  const held = `The Terraform state ${state} is locked by ${lock.who} since ${since} (${lock.operation}, lock ${lock.id})`;
  // Terraform writes whole seconds in some versions.
  const sinceThisRun = Number.isNaN(lock.created) || lock.created >= started - 1000;
  if (lock.who !== who || !sinceThisRun) return { level: 'info', text: `${held}: that is not this run.` };
  return {
    level: 'warning',
    text: `${held}: that was this run, which was killed, so nobody will release it. See that no terraform of this job is alive, then release it in the Terraform folder: ${releaseCommand(question, key, { id: lock.id, region })}`,
  };
}
