import { awsErrorKind, DeployError, errorText } from '../core/index.ts';
import { configureBucket, createBucket, observeBucket, openBucket } from './bucket.ts';
import { judgeBucket } from './bucket-settings.ts';
import {
  configureTable,
  createTable,
  judgeTable,
  observeTable,
  openTable,
  waitUntilActive,
} from './table.ts';
import type { Backend } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import type { BucketAccess } from './bucket.ts';
import type { BucketVerdict } from './bucket-settings.ts';
import type { Deviation } from './ownership.ts';
import type { TableAccess, TableVerdict } from './table.ts';

export const defaultLockTable = 'asg-deploy-locks';

export function defaultBucket({ accountId, region }: { accountId: string; region: string }): string {
  return `asg-deploy-${accountId}-${region}`;
}

/** Where the state of one environment of an application lies in the bucket. */
export function stateKey(application: string, environment: string): string {
  return `${application}/${environment}/terraform.tfstate`;
}

/**
 * Finds or makes the state bucket and the lock table. Both are looked at before either is touched; what exists is
 * used and never changed, its weak points are warnings; what an interrupted run of the action left half-made is
 * completed.
 * @throws DeployError backend: a bucket of another account or region, a table with another key, a refused call
 */
export async function ensureBackend(run: Run): Promise<Backend> {
  try {
    return await ensure(run);
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof DeployError) throw error;
    throw awsFailure(error);
  }
}

/**
 * Looks for the state bucket and the lock table, and makes neither: for commands that change nothing. A table that
 * is missing is left out of the backend.
 * @throws DeployError backend: as `ensureBackend`
 */
export async function findBackend(run: Run): Promise<{ backend: Backend; missing: string[] }> {
  const { inputs, aws } = run;
  const bucket = openBucket(run, inputs.stateBucket ?? defaultBucket(aws));
  const tableName = inputs.lockTable ?? defaultLockTable;
  const table = tableName === 'none' ? undefined : openTable(run, tableName);
  try {
    const [bucketVerdict, tableVerdict] = await Promise.all([
      lookAtBucket(run, bucket),
      table && lookAtTable(table),
    ]);
    for (const verdict of [bucketVerdict, tableVerdict])
      if (verdict !== 'missing' && verdict?.action === 'refuse') throw refusal(verdict);
    const missing = [
      ...(bucketVerdict === 'missing' ? [`state bucket ${bucket.bucket}`] : []),
      ...(table !== undefined && tableVerdict === 'missing' ? [`lock table ${table.table}`] : []),
    ];
    const backend = {
      bucket: bucket.bucket,
      lockTable: tableVerdict === 'missing' ? undefined : table?.table,
      stateKey: stateKey(inputs.application, inputs.environment),
      created: [],
    };
    return { backend, missing };
  } catch (error) {
    run.signal.throwIfAborted();
    throw error instanceof DeployError ? error : awsFailure(error);
  }
}

async function ensure(run: Run): Promise<Backend> {
  const { inputs, aws } = run;
  const bucket = openBucket(run, inputs.stateBucket ?? defaultBucket(aws));
  const tableName = inputs.lockTable ?? defaultLockTable;
  const table = tableName === 'none' ? undefined : openTable(run, tableName);

  const [bucketVerdict, tableVerdict] = await Promise.all([
    lookAtBucket(run, bucket),
    table && lookAtTable(table),
  ]);
  for (const verdict of [bucketVerdict, tableVerdict])
    if (verdict !== 'missing' && verdict?.action === 'refuse') throw refusal(verdict);

  const [bucketCreated, tableCreated] = await Promise.all([
    settleBucket(run, bucket, bucketVerdict),
    table && tableVerdict && settleTable(run, table, tableVerdict),
  ]);
  return {
    bucket: bucket.bucket,
    lockTable: table?.table,
    stateKey: stateKey(inputs.application, inputs.environment),
    created: [...(bucketCreated ? ['bucket'] : []), ...(tableCreated ? ['table'] : [])],
  };
}

async function lookAtBucket(
  run: Run,
  access: BucketAccess,
  defaultName = defaultBucket(run.aws),
): Promise<BucketVerdict | 'missing'> {
  const observed = await observeBucket(access);
  if (!observed) return 'missing';
  return judgeBucket(access.bucket, observed, { region: run.aws.region, defaultName });
}

async function lookAtTable(access: TableAccess): Promise<TableVerdict | 'missing'> {
  const observed = await observeTable(access);
  return observed ? judgeTable(access.table, observed) : 'missing';
}

/** Makes, completes or accepts the bucket; true when this run made it. */
async function settleBucket(
  run: Run,
  access: BucketAccess,
  verdict: BucketVerdict | 'missing',
): Promise<boolean> {
  if (verdict === 'missing') {
    if (!(await createBucket(run, access))) return settleBucket(run, access, await afterRace(run, access));
    await configureBucket(run, access);
    run.log.line(`State bucket ${access.bucket}: made (versioned, encrypted, private, TLS only)`);
    return true;
  }
  if (verdict.action === 'complete') {
    run.log.line(`State bucket ${access.bucket}: begun and not finished by another run; completing it`);
    await configureBucket(run, access);
  } else if (verdict.action === 'use') {
    run.log.line(`State bucket ${access.bucket}`);
    warn(run, verdict.deviations);
    if (verdict.unread.length > 0)
      run.log.debug(`The role may not read these settings of ${access.bucket}: ${verdict.unread.join(', ')}`);
  }
  return false;
}

/** What another run made of the bucket that it made at the same moment. */
async function afterRace(run: Run, access: BucketAccess): Promise<BucketVerdict> {
  run.log.line(`State bucket ${access.bucket}: another run made it at the same moment`);
  // A moment ago there was none: a bare one is not somebody's own, whatever its name.
  const verdict = await lookAtBucket(run, access, access.bucket);
  if (verdict === 'missing') return { action: 'complete' };
  if (verdict.action === 'refuse') throw refusal(verdict);
  return verdict;
}

/** Makes, completes or accepts the table; true when this run made it. */
async function settleTable(
  run: Run,
  access: TableAccess,
  verdict: TableVerdict | 'missing',
): Promise<boolean> {
  if (verdict === 'missing') {
    const created = await createTable(access);
    await configureTable(run, access);
    run.log.line(
      created
        ? `Lock table ${access.table}: made (on demand, deletion protection, point-in-time recovery)`
        : `Lock table ${access.table}: another run made it at the same moment`,
    );
    return created;
  }
  if (verdict.action === 'complete') {
    run.log.line(`Lock table ${access.table}: begun and not finished by another run; completing it`);
    await configureTable(run, access);
  } else if (verdict.action === 'use') {
    run.log.line(`Lock table ${access.table}`);
    warn(run, verdict.deviations);
    await waitUntilActive(run, access);
  }
  return false;
}

function warn({ log }: Run, deviations: readonly Deviation[]): void {
  for (const { problem, fix } of deviations)
    log.warning(`${problem}. It is used as it is; to put it right: ${fix}`);
}

function refusal({ problem, fix }: { problem: string; fix: string }): DeployError {
  return new DeployError({ reason: 'backend', message: problem, left: 'Nothing was touched.', next: fix });
}

function awsFailure(cause: unknown): DeployError {
  return new DeployError({
    reason: 'backend',
    message: `the state bucket or the lock table can't be prepared: ${errorText(cause)}`,
    left: 'No infrastructure was touched; a half-made bucket or table is completed by the next run.',
    next:
      awsErrorKind(cause) === 'denied'
        ? 'allow the role what the error names ("Security" in the documentation lists what it needs), then run this job again'
        : 'run this job again; if it stays, look at the error that AWS gave',
    cause,
  });
}
