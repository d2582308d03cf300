import type { Place } from './log.ts';
import type { RolloutResult } from './types.ts';

/** The closed list behind the output `failure-reason`; the README's table names each one. */
export const failureReasons = [
  'input-invalid',
  'credentials',
  'backend',
  'docker-unavailable',
  'image-build',
  'image-push',
  'image-missing',
  'terraform-unavailable',
  'terraform-plan',
  'plan-refused',
  'terraform-apply',
  'terraform-contract',
  'state-locked',
  'preflight',
  'refresh-active',
  'superseded',
  'group-missing',
  'launch-failed',
  'boot-failed',
  'targets-unhealthy',
  'no-instances',
  'smoke-test',
  'unreachable',
  'lifecycle-hook',
  'alarm',
  'judged-worse',
  'inconclusive',
  'rollout-stalled',
  'rollback-failed',
  'outdated-instances',
  'timeout',
  'cancelled',
  'internal',
] as const;

/** One word of the closed list. */
export type FailureReason = (typeof failureReasons)[number];

/** What a failure tells the user: a sentence, the evidence, what was left, what to do next. */
export interface FailureDetails {
  reason: FailureReason;
  /** One sentence, first word lower case, no full stop needed: "the image does not build: …". */
  message: string;
  /** Label and text of each piece of evidence, already masked. */
  evidence?: { label: string; text: string }[];
  /** What state things were left in: "Nothing was touched." */
  left?: string;
  /** What became of the rollback, where there was to be one; `left` begins by saying so, and needs no label. */
  rollback?: 'done' | 'not-done';
  /** The next step, for a person. */
  next?: string;
  /** How far the rollout had come, when the failure is one of the rollout. */
  rollout?: RolloutResult;
  /** The line of the user's that is wrong. */
  place?: Place;
  cause?: unknown;
}

/** A failure that the action understands. Anything else that is thrown is reported as `internal`. */
export class DeployError extends Error implements FailureDetails {
  readonly reason: FailureReason;
  readonly evidence: { label: string; text: string }[];
  readonly left: string | undefined;
  readonly rollback?: 'done' | 'not-done';
  readonly next: string | undefined;
  readonly rollout?: RolloutResult;
  readonly place?: Place;

  constructor(details: FailureDetails) {
    super(details.message, { cause: details.cause });
    this.name = 'DeployError';
    this.reason = details.reason;
    this.evidence = details.evidence ?? [];
    this.left = details.left;
    this.next = details.next;
    if (details.rollback) this.rollback = details.rollback;
    if (details.rollout) this.rollout = details.rollout;
    if (details.place) this.place = details.place;
  }
}
