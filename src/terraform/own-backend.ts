import type { Backend } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import type { Value } from '../hcl/index.ts';
import type { LocalState, RootSource, StatePlace } from './source.ts';

/** Where the action keeps the state. */
export interface ActionState extends Pick<Backend, 'bucket' | 'lockTable' | 'stateKey'> {
  region: string;
}

/** Settings that the action gives itself: the root may say the same, or nothing. */
function given({ bucket, stateKey, region, lockTable }: ActionState): Record<string, Value | undefined> {
  return { bucket, key: stateKey, region, dynamodb_table: lockTable, encrypt: true, use_lockfile: true };
}

/**
 * Settings with which Terraform would read the state as somebody else, elsewhere or in a form of its own, while status
 * and rollback read it with the run's credentials.
 */
const refused: Record<string, string> = {
  ...Object.fromEntries(
    [
      'profile',
      'access_key',
      'secret_key',
      'token',
      'role_arn',
      'assume_role',
      'assume_role_with_web_identity',
    ].map((name) => [name, 'give role-to-assume, or the job the credentials']),
  ),
  ...Object.fromEntries(
    ['shared_credentials_file', 'shared_credentials_files', 'shared_config_files'].map((name) => [
      name,
      'give role-to-assume, or the job AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE',
    ]),
  ),
  ...Object.fromEntries(
    ['endpoint', 'endpoints', 'dynamodb_endpoint', 'iam_endpoint', 'sts_endpoint', 'sso_endpoint'].map(
      (name) => [name, 'give the job AWS_ENDPOINT_URL or the variable of the service'],
    ),
  ),
  sse_customer_key: 'use kms_key_id, with which the role may read it',
};

/**
 * An earlier step may have looked at another environment of the application, which may be in another bucket: the state
 * of this one is not in question.
 */
function elsewhere(place: StatePlace | undefined, { bucket, stateKey }: ActionState): StatePlace | undefined {
  const [application = ''] = stateKey.split('/');
  const { settings = {} } = place ?? {};
  const key = typeof settings.key === 'string' ? settings.key.split('/') : [];
  const ofTheApplication = key.length === 3 && key[0] === application;
  const ours = ofTheApplication && (settings.bucket === bucket || settings.key !== stateKey);
  return ours ? undefined : place;
}

/** Each setting of a backend "s3" that is not what the action uses, with what it is instead. */
function differences({ settings }: StatePlace, action: ActionState): { name: string; advice: string }[] {
  const own = given(action);
  return Object.entries(settings).flatMap(([name, value]) => {
    if (name in refused) return [{ name, advice: refused[name] ?? '' }];
    if (!(name in own) || value === own[name]) return [];
    const used = own[name] === undefined ? 'none' : JSON.stringify(own[name]);
    return [{ name, advice: `${shown(value)}, where the action uses ${used}` }];
  });
}

function shown(value: Value): string {
  return typeof value === 'string' || typeof value === 'boolean'
    ? JSON.stringify(value)
    : 'something that is computed';
}

/**
 * Makes sure that a root has one state: where the action keeps it. A block that says so, or nothing, is fine.
 * @throws DeployError terraform-contract, with the way to move a state that is elsewhere
 */
export function checkState({ state, encrypted }: RootSource, local: LocalState, action: ActionState): void {
  const { stateKey } = action;
  if (encrypted)
    throw refusal(
      'encrypts its state, which status and rollback have to read',
      [],
      'take the block encryption out; the bucket encrypts it',
    );
  for (const place of [state, elsewhere(local.backend, action)]) {
    if (place === undefined) continue;
    if (place.type !== 's3') {
      const what = place.type === 'cloud' ? 'HCP Terraform (a block cloud)' : `a backend "${place.type}"`;
      throw refusal(
        `keeps its state in ${what}, by ${place.file}; the action keeps it in S3`,
        [],
        `write backend "s3" {} in the root instead (its settings come from the action); ${moving(action, action.bucket)}`,
      );
    }
    const different = differences(place, action);
    if (different.length > 0)
      throw refusal(
        `keeps its state elsewhere than the action, by ${place.file}: ${different.map(({ name }) => name).join(', ')}`,
        different.map(({ name, advice }) => ({ label: name, text: advice })),
        nextFor(
          place,
          action,
          different.map(({ name }) => name),
        ),
      );
  }
  if (local.workspace !== undefined && local.workspace !== 'default')
    throw refusal(
      `has the workspace "${local.workspace}" selected; the action keeps the state of each environment under its own key, and no workspaces`,
      [],
      `leave it in the root by terraform workspace select default; a state that lies in it is moved once, by aws s3 mv "s3://<its bucket>/env:/${local.workspace}/<its key>" "s3://${action.bucket}/${stateKey}"`,
    );
  if (local.kept !== undefined && state === undefined)
    throw refusal(
      `keeps its state in a file, ${local.kept}; the action keeps it in S3`,
      [],
      `write backend "s3" {} in the root; ${moving(action, action.bucket)}`,
    );
}

function nextFor(place: StatePlace, action: ActionState, names: readonly string[]): string {
  const { bucket, key } = place.settings;
  const steps = [`leave backend "s3" {} in the root without ${names.join(', ')}`];
  if (names.includes('region'))
    steps.push(
      'a state in another region has to be copied by aws s3 cp to a bucket in the region of the service',
    );
  else if (names.includes('bucket') && typeof bucket === 'string') steps.push(`give state-bucket: ${bucket}`);
  if (names.includes('dynamodb_table')) {
    const table = place.settings.dynamodb_table;
    if (typeof table === 'string') steps.push(`give lock-table: ${table}`);
  }
  if (names.includes('bucket') || names.includes('key')) {
    const kept = typeof bucket === 'string' && !names.includes('region') ? bucket : action.bucket;
    steps.push(moving(action, kept));
    if (typeof bucket === 'string' && typeof key === 'string')
      steps.push(`before, the state is s3://${bucket}/${key}, afterwards s3://${kept}/${action.stateKey}`);
  }
  return steps.join('; ');
}

/** The command that moves a state; the bucket has to be there. */
function moving({ stateKey, region }: ActionState, bucket: string): string {
  const settings = Object.entries({ bucket, key: stateKey, region });
  const options = settings.map(([name, value]) => `-backend-config=${name}=${value}`);
  return `an existing state is moved once, in the root, by terraform init -migrate-state ${options.join(' ')}`;
}

function refusal(what: string, evidence: { label: string; text: string }[], next: string): DeployError {
  return new DeployError({
    reason: 'terraform-contract',
    message: `the Terraform root ${what}`,
    evidence,
    left: 'Nothing was touched.',
    next,
  });
}
