import type { Backend } from '../core/index.ts';
import { DeployError, errorText } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import type { BucketEvaluation } from './bucket-settings.ts';
import { evaluateBucket } from './bucket-settings.ts';
import type { BucketAccess } from './bucket.ts';
import { configureBucket, createBucket, observeBucket, openBucket } from './bucket.ts';
import type { Deviation } from './ownership.ts';
import type { TableAccess, TableEvaluation } from './table.ts';
import {
  configureTable,
  createTable,
  evaluateTable,
  observeTable,
  openTable,
  waitUntilActive,
} from './table.ts';

/** The DynamoDB table of the locks, where no other is named. */
const defaultLockTable = 'asg-deploy-locks';

/** The bucket of the state, where no other is named: one for each account and region. */
export function defaultBucket({ accountId, region }: { accountId: string; region: string }): string {
  return `asg-deploy-${accountId}-${region}`;
}

/** Where the state of one environment of an application lies in the bucket. */
export function stateKey(application: string, environment: string): string {
  return `${application}/${environment}/terraform.tfstate`;
}

/** What the inputs and the account say of the backend of this environment, before anything is looked at. */
export function backendNames({ inputs, aws }: Run): Omit<Backend, 'created'> {
  const lockTable = inputs.lockTable ?? defaultLockTable;
  return {
    bucket: inputs.stateBucket ?? defaultBucket(aws),
    lockTable: lockTable === 'none' ? undefined : lockTable,
    stateKey: stateKey(inputs.application, inputs.environment),
  };
}

/** The backend as it is, and the names of what is not there yet. */
export interface FoundBackend {
  /** Without the table where that is missing. */
  backend: Backend;
  missing: { bucket?: string; lockTable?: string };
}

/**
 * Finds or makes the state bucket and the lock table. Both are looked at before either is touched; what exists is
 * used and never changed, its weak points are warnings; what an interrupted run of the action left half-made is
 * completed.
 * @throws DeployError backend: a bucket of another account or region, a table with another key, a refused call
 */
export function ensureBackend(run: Run): Promise<Backend> {
  return explained(run, async () => {
    const names = backendNames(run);
    const { bucket, table } = await observe(run, names);
    const [bucketCreated, tableCreated] = await Promise.all([
      settleBucket(run, bucket.access, bucket.evaluation),
      table && settleTable(run, table.access, table.evaluation),
    ]);
    return {
      ...names,
      created: [...(bucketCreated ? ['bucket' as const] : []), ...(tableCreated ? ['table' as const] : [])],
    };
  });
}

/**
 * Looks for the state bucket and the lock table, and makes neither: for commands that change nothing. A table that
 * is missing is left out of the backend.
 * @throws DeployError backend: as `ensureBackend`
 */
export function findBackend(run: Run): Promise<FoundBackend> {
  return explained(run, async () => {
    const names = backendNames(run);
    const { bucket, table } = await observe(run, names);
    const noTable = table?.evaluation === 'missing';
    return {
      backend: { ...names, lockTable: noTable ? undefined : names.lockTable, created: [] },
      missing: {
        ...(bucket.evaluation === 'missing' && { bucket: names.bucket }),
        ...(noTable && { lockTable: table.access.table }),
      },
    };
  });
}

/** What AWS answers becomes a failure that can be told. */
async function explained<T>(run: Run, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    run.signal.throwIfAborted();
    throw error instanceof DeployError ? error : awsFailure(error);
  }
}

/** Looks at bucket and table, side by side, and refuses what can't be used before anything is touched. */
async function observe(run: Run, names: Pick<Backend, 'bucket' | 'lockTable'>) {
  const bucket = openBucket(run, names.bucket);
  const table = names.lockTable === undefined ? undefined : openTable(run, names.lockTable);
  const [bucketEvaluation, tableEvaluation] = await Promise.all([
    observeAndEvaluateBucket(run, bucket),
    table && observeAndEvaluateTable(table),
  ]);
  for (const evaluation of [bucketEvaluation, tableEvaluation])
    if (evaluation !== 'missing' && evaluation?.action === 'refuse') throw refusal(evaluation);
  return {
    bucket: { access: bucket, evaluation: bucketEvaluation },
    table: table && tableEvaluation && { access: table, evaluation: tableEvaluation },
  };
}

async function observeAndEvaluateBucket(
  run: Run,
  access: BucketAccess,
  defaultName = defaultBucket(run.aws),
): Promise<BucketEvaluation | 'missing'> {
  const observed = await observeBucket(access);
  if (!observed) return 'missing';
  return evaluateBucket(access.bucket, observed, { region: run.aws.region, defaultName });
}

async function observeAndEvaluateTable(access: TableAccess): Promise<TableEvaluation | 'missing'> {
  const observed = await observeTable(access);
  return observed ? evaluateTable(access.table, observed) : 'missing';
}

/** Makes, completes or accepts the bucket; true when this run made it. */
async function settleBucket(
  run: Run,
  access: BucketAccess,
  evaluation: BucketEvaluation | 'missing',
): Promise<boolean> {
  if (evaluation === 'missing') {
    if (!(await createBucket(run, access))) return settleBucket(run, access, await afterRace(run, access));
    await configureBucket(run, access);
    run.log.line(`State bucket ${access.bucket}: made (versioned, encrypted, private, TLS only)`);
    return true;
  }
  if (evaluation.action === 'complete') {
    run.log.line(`State bucket ${access.bucket}: begun and not finished by another run; completing it`);
    await configureBucket(run, access);
  } else if (evaluation.action === 'use') {
    run.log.line(`State bucket ${access.bucket}`);
    warn(run, evaluation.deviations);
    if (evaluation.unread.length > 0)
      run.log.debug(
        `The role may not read these settings of ${access.bucket}: ${evaluation.unread.join(', ')}`,
      );
  }
  return false;
}

/** What another run made of the bucket that it made at the same moment. */
async function afterRace(run: Run, access: BucketAccess): Promise<BucketEvaluation> {
  run.log.line(`State bucket ${access.bucket}: another run made it at the same moment`);
  // A moment ago there was none: a bare one is not somebody's own, whatever its name.
  const evaluation = await observeAndEvaluateBucket(run, access, access.bucket);
  if (evaluation === 'missing') return { action: 'complete' };
  if (evaluation.action === 'refuse') throw refusal(evaluation);
  return evaluation;
}

/** Makes, completes or accepts the table; true when this run made it. */
async function settleTable(
  run: Run,
  access: TableAccess,
  evaluation: TableEvaluation | 'missing',
): Promise<boolean> {
  if (evaluation === 'missing') {
    const created = await createTable(access);
    await configureTable(run, access);
    run.log.line(
      created
        ? `Lock table ${access.table}: made (on demand, deletion protection, point-in-time recovery)`
        : `Lock table ${access.table}: another run made it at the same moment`,
    );
    return created;
  }
  if (evaluation.action === 'complete') {
    run.log.line(`Lock table ${access.table}: begun and not finished by another run; completing it`);
    await configureTable(run, access);
  } else if (evaluation.action === 'use') {
    run.log.line(`Lock table ${access.table}`);
    warn(run, evaluation.deviations);
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
  const text = errorText(cause);
  return new DeployError({
    reason: 'backend',
    message: `the state bucket or the lock table can't be prepared: ${text}`,
    left: 'No infrastructure was touched; a half-made bucket or table is completed by the next run.',
    next: 'run this job again; if it stays, look at the error that AWS gave',
    cause,
  });
}
