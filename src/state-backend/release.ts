import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import type { Backend, Notice } from '../core/index.ts';
import { isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { openBucket } from './bucket.ts';
import type { BucketAccess } from './bucket.ts';
import { readNativeLock, readTableLock } from './locks.ts';
import type { HeldLock, LockQuestion } from './locks.ts';

/** A lock whose owner is known to be dead. */
interface DeadLock extends Pick<Backend, 'bucket' | 'lockTable' | 'stateKey'> {
  id: string;
}

/**
 * Takes a lock away in the table and in the bucket, as `terraform force-unlock` does, when the digest of the state in the
 * table was made right. Its owner may have been killed when it had only one of the two, or had given one back. A lock with
 * another id that is there by now stays.
 * @returns whether there was one to release
 * @throws the SDK's errors
 */
export async function releaseLock(run: Run, lock: DeadLock): Promise<boolean> {
  const { bucket, lockTable, stateKey, id } = lock;
  const access = openBucket(run, bucket);
  const client = new DynamoDBClient(run.aws.clientConfiguration);
  const table = lockTable === undefined ? undefined : { client, lockTable };
  try {
    const inBucket = (await readNativeLock(run, bucket, stateKey))?.id === id;
    const inTable = table !== undefined && (await readTableLock(run, lock, table.lockTable))?.id === id;
    // Whoever holds either keeps all others from writing the state.
    if (table !== undefined && (inBucket || inTable)) await mendDigest(access, table, lock);
    if (table !== undefined && inTable) await deleteItem(table, lock);
    if (inBucket)
      await access.client.send(new DeleteObjectCommand({ ...access.owner, Key: `${stateKey}.tflock` }));
    return inBucket || inTable;
  } finally {
    access.client.destroy();
    client.destroy();
  }
}

interface Table {
  client: DynamoDBClient;
  lockTable: string;
}

/**
 * Terraform writes the state, then its digest, and takes no state whose digest is another: it may have been killed between
 * the two. What is in the bucket is right, for nobody else could write it.
 */
async function mendDigest(
  { client, owner }: BucketAccess,
  { client: table, lockTable: TableName }: Table,
  { bucket, stateKey }: DeadLock,
): Promise<void> {
  const LockID = { S: `${bucket}/${stateKey}-md5` };
  try {
    const { Item } = await table.send(
      new GetItemCommand({ TableName, Key: { LockID }, ConsistentRead: true }),
    );
    const { Body } = await client.send(new GetObjectCommand({ ...owner, Key: stateKey }));
    const state = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const digest = createHash('md5').update(state).digest('hex');
    if (Item?.Digest?.S === undefined || Item.Digest.S === digest) return;
    await table.send(new PutItemCommand({ TableName, Item: { LockID, Digest: { S: digest } } }));
  } catch (error) {
    if (!isAwsError(error, 'NoSuchKey', 'ResourceNotFoundException')) throw error;
  }
}

async function deleteItem(
  { client, lockTable: TableName }: Table,
  { bucket, stateKey, id }: DeadLock,
): Promise<void> {
  const Key = { LockID: { S: `${bucket}/${stateKey}` } };
  const ConditionExpression = 'contains(Info, :id)';
  const ExpressionAttributeValues = { ':id': { S: id } };
  try {
    await client.send(
      new DeleteItemCommand({ TableName, Key, ConditionExpression, ExpressionAttributeValues }),
    );
  } catch (error) {
    // Somebody was faster.
    if (!isAwsError(error, 'ConditionalCheckFailedException')) throw error;
  }
}

/** What a person has to know when the lock of a run that was killed was released for it. Pure. */
export function releasedNotice(
  { id, operation }: HeldLock,
  { bucket, key }: Pick<LockQuestion, 'bucket' | 'key'>,
): Notice {
  const what = `The step was killed while Terraform held the lock of s3://${bucket}/${key} (${operation}, lock ${id}). Its process is over, so the lock was released: the next run can go on.`;
  return operation === 'OperationTypeApply'
    ? {
        level: 'warning',
        text: `${what} What Terraform made in its last seconds may be missing in the state: if the next run says that something exists already, take that away or import it.`,
      }
    : { level: 'info', text: what };
}
