import type { FailureReason, Place } from '../core/index.ts';
import { DeployError, freeDisk } from '../core/index.ts';
import type { ChildResult } from '../run/index.ts';
import { lockOwner } from '../state-backend/index.ts';
import { diagnosticsOf, formatDiagnostic, parsePlainDiagnostics, placeOf } from './diagnostics.ts';
import type { Diagnostic, TerraformEvent } from './events.ts';
import { appliedResources } from './events.ts';
import { existingAdvice } from './existing.ts';
import { isLockFailure, lockFailure } from './lock.ts';
import { releaseFiles } from './install.ts';
import type { OpenedRoot } from './opened-root.ts';
import { quotaAdvice } from './quotas.ts';
import { lockHolderGone } from './retry-lock.ts';
import type { SavedState } from './rescue.ts';

const lastLines = 30;

/** Each error as a piece of evidence; what the program wrote last when it gave no diagnostic. */
function evidenceOf(errors: readonly Diagnostic[], { stdout, stderr }: ChildResult) {
  if (errors.length > 0)
    return errors.map((error) => ({ label: 'Terraform said', text: formatDiagnostic(error) }));
  const text = `${stdout}\n${stderr}`.trim().split('\n').slice(-lastLines).join('\n');
  return text === '' ? [] : [{ label: 'Terraform said last', text }];
}

/** The first error that has a place in the user's root. */
function placeIn({ run, contract }: OpenedRoot, errors: readonly Diagnostic[]): { place?: Place } {
  const directory = contract ? run.inputs.terraformDirectory : undefined;
  const place = errors.map((error) => placeOf(error, directory)).find((one) => one !== undefined);
  return place === undefined ? {} : { place };
}

const firstSummary = (errors: readonly Diagnostic[], { exitCode }: ChildResult) => {
  const [first] = errors;
  if (!first) return `Terraform ended with code ${exitCode}`;
  const place = first.address ?? (first.range && `${first.range.filename}:${first.range.start.line}`);
  const subject = place === undefined ? '' : `${place}: `;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${subject}${first.summary}${more}`;
};

/** What is known of an error's text, whoever met it: the first row that fits. Without a reason, it is the phase's. */
const known: readonly { text: RegExp; reason?: FailureReason; next: string }[] = [
  {
    text: /no\s+space\s+left\s+on\s+device|not\s+enough\s+space\s+on\s+the\s+disk/i,
    next: `the disk of this runner is full: ${freeDisk}`,
  },
  {
    text: /RequestTimeTooSkewed|RequestInTheFuture|Signature\s+(expired|not\s+yet\s+current)/i,
    reason: 'credentials',
    next: "this machine's clock is not right, and AWS takes its requests for too old or too new: set the runner's clock, with NTP for instance, and run this job again: it goes on from there",
  },
  {
    text: /match(es)?\s+any\s+of\s+the\s+checksums/,
    reason: 'terraform-unavailable',
    next: `.terraform.lock.hcl has no checksum of this provider for ${platform()}, or another one: in the root, run terraform providers lock -platform=${platform()} -platform=<yours>, and commit the file; if it lists ${platform()} already, the provider that was found (in a mirror or a plugin cache) is not the one that was locked`,
  },
  {
    text: /Unsupported\s+Terraform\s+Core\s+version/,
    reason: 'terraform-contract',
    next: 'give a terraform-version that meets required_version of the module that Terraform names',
  },
  {
    text: /managed\s+by\s+newer\s+provider\s+version/,
    reason: 'terraform-plan',
    next: 'a newer provider than this one wrote the state, and an older one can not read it: for the bundled root, use the release of this action that deployed last, or a newer one; in a root of yours, allow that version again (required_providers, .terraform.lock.hcl)',
  },
  {
    text: lockHolderGone,
    reason: 'state-locked',
    next: 'other runs take and release the lock of this state again and again: run this job again when they are over',
  },
  {
    text: /does\s+not\s+have\s+the\s+expected\s+content/,
    reason: 'backend',
    next: 'the lock table has the checksum of another state than the one in the bucket: after a write that has just ended, run this job again; after the state was restored or copied by hand and is known to be right, take the old checksum away with aws dynamodb delete-item --table-name <lock-table> --key \'{"LockID":{"S":"<bucket>/<key>-md5"}}\'',
  },
];

/** As Terraform calls this machine. */
function platform(): string {
  const { archive } = releaseFiles('');
  return archive.slice('terraform__'.length, -'.zip'.length);
}

/** Which phase an error of `terraform init` belongs to, by what it is about. */
export function classifyInit(text: string): { reason: FailureReason; next: string } {
  const cause = known.find((one) => one.text.test(text));
  if (cause !== undefined) return { reason: cause.reason ?? 'terraform-unavailable', next: cause.next };
  if (
    /Failed to query available provider packages|Failed to install provider|could not connect to registry/.test(
      text,
    )
  )
    return {
      reason: 'terraform-unavailable',
      next: 'let the job reach registry.terraform.io, or give Terraform a provider mirror through TF_CLI_CONFIG_FILE; a version that the lock file excludes needs terraform init -upgrade in the root',
    };
  if (/backend|S3 bucket|DynamoDB|state data|state file|No valid credential sources/i.test(text))
    return {
      reason: 'backend',
      next: 'see that the role may read and write the state bucket and the lock table, then run this job again',
    };
  return { reason: 'terraform-plan', next: 'correct the Terraform root and run this job again' };
}

/** The failure of `terraform init` (or of reading the outputs, which fails in the same ways). */
export function initFailure(root: OpenedRoot, result: ChildResult): DeployError {
  const { run, backend, stateKey } = root;
  const text = `${result.stdout}\n${result.stderr}`;
  const errors = parsePlainDiagnostics(text).filter(({ severity }) => severity === 'error');
  const said = errors.map(({ summary, detail = '' }) => `${summary}\n${detail}`).join('\n');
  const { reason, next } = classifyInit(said === '' ? result.stderr : said);
  return new DeployError({
    reason,
    message: `Terraform can't be initialised: ${firstSummary(errors, result)}`,
    evidence: [...evidenceOf(errors, result), { label: 'state', text: `s3://${backend.bucket}/${stateKey}` }],
    ...placeIn(root, errors),
    left: 'No infrastructure was touched.',
    next: next
      .replace('<lock-table>', `${backend.lockTable ?? ''} --region ${run.aws.region}`)
      .replace('<bucket>/<key>', `${backend.bucket}/${stateKey}`),
  });
}

/** Terraform said that all is well, and what it wrote is not what it is known to write. None of it is shown: it has secrets. */
export function unreadable(what: string): DeployError {
  return new DeployError({
    reason: 'terraform-plan',
    message: `Terraform gave ${what} in a form that can't be read: it was cut, or this Terraform writes another one`,
    left: 'Nothing was changed by this look.',
    next: 'run this job again; if it happens again, give a terraform-version that this action is known to work with, and see that terraform is Terraform itself and no script around it',
  });
}

function heldLock(root: OpenedRoot, errors: readonly Diagnostic[]): DeployError | undefined {
  const held = errors.find(isLockFailure);
  return (
    held &&
    lockFailure(held, root.backend, root.stateKey, {
      waited: root.run.inputs.lockTimeout,
      now: new Date(),
      region: root.run.aws.region,
      here: { who: lockOwner(), since: new Date(performance.timeOrigin) },
    })
  );
}

/** What an error of plan or apply is about: the credentials that Terraform was given, or what it was asked to do. */
export function classifyWork(
  errors: readonly Diagnostic[],
  otherwise: { reason: FailureReason; next: string },
): { reason: FailureReason; next: string } {
  const text = errors.map(({ summary, detail = '' }) => `${summary}\n${detail}`).join('\n');
  const cause = known.find((one) => one.text.test(text));
  if (cause !== undefined) return { reason: cause.reason ?? otherwise.reason, next: cause.next };
  if (!/\b(ExpiredToken(Exception)?|RequestExpired)\b/.test(text)) return otherwise;
  return {
    reason: 'credentials',
    next: 'give role-to-assume, with which this action renews the credentials for each step, or ask for a longer session; then run this job again: it goes on from there',
  };
}

/**
 * What to do about a plan that failed. Pure.
 * @param directory of a root of the user's; undefined for the bundled one, whose files nobody can edit
 */
export function planAdvice(errors: readonly Diagnostic[], directory: string | undefined): string {
  const ofVariables = errors.filter(({ summary }) => /^Invalid value for (input )?variable/.test(summary));
  return directory === undefined && ofVariables.length > 0 && ofVariables.length === errors.length
    ? 'write what Terraform names into the input terraform-variables, each variable whole (`load_balancer = { … }` takes the place of all that the bundled root says of it), and run this job again'
    : 'correct what Terraform names and run this job again';
}

export function planFailure(
  root: OpenedRoot,
  events: readonly TerraformEvent[],
  result: ChildResult,
): DeployError {
  const { errors } = diagnosticsOf(events);
  return (
    heldLock(root, errors) ??
    new DeployError({
      ...classifyWork(errors, {
        reason: 'terraform-plan',
        next: planAdvice(errors, root.run.inputs.terraformDirectory),
      }),
      message: `the Terraform plan failed: ${firstSummary(errors, result)}`,
      evidence: evidenceOf(errors, result),
      left: 'No infrastructure was touched.',
      ...placeIn(root, errors),
    })
  );
}

/** What an apply that went wrong has left. */
export interface Unfinished {
  events: readonly TerraformEvent[];
  saved: SavedState;
  /** The groups whose instances the plan starts or ends by itself. */
  groups: readonly string[];
}

/** Where the state is and what was made, said for a person. */
function whatWasLeft(root: OpenedRoot, { events, saved, groups }: Unfinished): string {
  const { done, unfinished } = appliedResources(events);
  const made =
    done === 0
      ? 'No resource was changed'
      : `${done} ${done === 1 ? 'resource was' : 'resources were'} changed`;
  const rest = unfinished.length === 0 ? '' : `, not finished: ${unfinished.join(', ')}`;
  const state =
    saved.in === 'backend'
      ? `the state is saved in s3://${root.backend.bucket}/${root.stateKey}`
      : `THE STATE COULD NOT BE WRITTEN to s3://${root.backend.bucket}/${root.stateKey} and is kept in ${saved.path}`;
  const begun = new Set(events.map(({ type, hook }) => (type === 'apply_start' ? hook?.resource?.addr : '')));
  const moved = groups.filter((group) => begun.has(group));
  const instances =
    moved.length === 0
      ? 'No instance was replaced.'
      : `Terraform had begun with ${moved.join(', ')}, which starts or ends instances by itself: see the activity history of the group.`;
  return `${made}${rest}; ${state}. ${instances}`;
}

function nextAfter(saved: SavedState, otherwise: string): string {
  return saved.in === 'backend'
    ? otherwise
    : `keep ${saved.path} (it goes with the machine): in the Terraform folder, initialised with this backend, run terraform state push ${saved.path}, and only then run this job again`;
}

/** The plan was made, and then another run changed the infrastructure: nothing of it was applied. */
export class StalePlan extends DeployError {}

export function applyFailure(root: OpenedRoot, unfinished: Unfinished, result: ChildResult): DeployError {
  const { errors } = diagnosticsOf(unfinished.events);
  const lock = heldLock(root, errors);
  if (lock) return lock;
  if (errors.some(({ summary }) => summary === 'Saved plan is stale')) {
    return new StalePlan({
      reason: 'terraform-apply',
      message: 'the plan is out of date: someone else changed the infrastructure after it was made',
      evidence: evidenceOf(errors, result),
      left: whatWasLeft(root, unfinished),
      next: 'run this job again: it makes a new plan',
    });
  }
  const { reason, next } = classifyWork(errors, {
    reason: 'terraform-apply',
    next:
      quotaAdvice(errors, root.run.aws.region) ??
      existingAdvice(errors) ??
      'correct what Terraform names and run this job again: it goes on from there',
  });
  return new DeployError({
    reason,
    message: `the Terraform apply failed: ${firstSummary(errors, result)}`,
    evidence: evidenceOf(errors, result),
    left: whatWasLeft(root, unfinished),
    next: nextAfter(unfinished.saved, next),
    ...placeIn(root, errors),
  });
}

/** The failure of an apply that was interrupted by a cancel: Terraform was asked once and has ended by itself. */
export function interrupted(root: OpenedRoot, unfinished: Unfinished): DeployError {
  const reason: unknown = root.run.signal.reason;
  return new DeployError({
    reason: 'cancelled',
    message: reason instanceof DeployError ? reason.message : 'the job was cancelled',
    evidence: reason instanceof DeployError ? reason.evidence : [],
    left: `Terraform was interrupted while it applied, and ended by itself. ${whatWasLeft(root, unfinished)}`,
    next: nextAfter(unfinished.saved, 'run this job again: it goes on from there'),
    cause: reason,
  });
}
