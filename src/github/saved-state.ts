import type { BlueGreenOutputs, OwnLock, Phase } from '../core/index.ts';
import { errorText, isPhase } from '../core/index.ts';
import type { Toolkit } from './actions-core.ts';
import type { UnendedDeployment } from './deployments.ts';

/** A rollout that goes on, or back, at AWS when the run that began it is gone. */
export interface SavedRollout {
  /** Name of the Auto Scaling group. */
  group: string;
  templateId: string;
  /** The launch template version that the rollout brings. */
  version: number;
  /** Milliseconds since 1970 at which the run began. */
  started: number;
  /** What a blue/green rollout moves; left out where the group is rolled. */
  blueGreen?: BlueGreenOutputs | undefined;
  /** Of its two groups, the one that has all requests in the end where the run is cancelled. */
  keeps?: string | undefined;
  /** The version that the rollout leaves, where it has a number. */
  leaves?: number | undefined;
}

/** What the step leaves for its post step; undefined is nothing left. */
export interface SavedState {
  /** The run's private folder. */
  temporaryDirectory: string | undefined;
  /** Milliseconds since 1970 at which the run began. */
  started: number | undefined;
  /** What the run was doing when it was killed; undefined after one that ended by itself. */
  phase: Phase | undefined;
  /** What there is to look after at AWS. */
  rollout: SavedRollout | undefined;
  /** The lock that Terraform took last; it is held no more where Terraform ended by itself. */
  lock: OwnLock | undefined;
  /** A deployment at GitHub that is in progress there. */
  deployment: UnendedDeployment | undefined;
}

/** How each part is called at the runner, and what is taken for one when it is read. */
const parts: {
  [P in keyof SavedState]: { name: string; accepts: (value: unknown) => value is NonNullable<SavedState[P]> };
} = {
  temporaryDirectory: { name: 'temporary-directory', accepts: isText },
  started: { name: 'started', accepts: isNumber },
  phase: { name: 'phase', accepts: isPhase },
  rollout: { name: 'rollout', accepts: isRollout },
  lock: { name: 'lock', accepts: isOwnLock },
  deployment: { name: 'deployment', accepts: isDeployment },
};

/**
 * Hands the given parts to the runner, for the post step; a part that is undefined is taken back. What can't be written
 * (the disk is full) is only missed where the run is killed.
 */
export function saveState(toolkit: Pick<Toolkit, 'saveState' | 'debug'>, state: Partial<SavedState>): void {
  try {
    for (const [part, value] of Object.entries(state) as [keyof SavedState, unknown][])
      toolkit.saveState(parts[part].name, value === undefined ? '' : JSON.stringify(value));
  } catch (error) {
    toolkit.debug(`not saved for the post step: ${errorText(error)}`);
  }
}

/** What the step saved, as the runner hands it over: `STATE_…`. What is missing or broken was not saved. */
export function readSavedState(environment: NodeJS.ProcessEnv): SavedState {
  const read = <P extends keyof SavedState>(part: P): SavedState[P] | undefined => {
    const { name, accepts } = parts[part];
    const value = parsed(environment[`STATE_${name}`] ?? '');
    return accepts(value) ? value : undefined;
  };
  return {
    temporaryDirectory: read('temporaryDirectory'),
    started: read('started'),
    phase: read('phase'),
    rollout: read('rollout'),
    lock: read('lock'),
    deployment: read('deployment'),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isOwnLock(value: unknown): value is OwnLock {
  const { key, id, pid } = (value ?? {}) as Partial<OwnLock>;
  return isText(key) && (id === undefined || isText(id)) && isNumber(pid);
}

function isDeployment(value: unknown): value is UnendedDeployment {
  const { id, end } = (value ?? {}) as Partial<UnendedDeployment>;
  return isNumber(id) && (end === undefined || isText(end.state));
}

function isRollout(value: unknown): value is SavedRollout {
  const { group, templateId, version, started, blueGreen } = (value ?? {}) as Partial<SavedRollout>;
  const isOne = isText(group) && isText(templateId) && isNumber(version) && isNumber(started);
  // Written by this very action: half of it is none.
  return (
    isOne && (blueGreen === undefined || (isText(blueGreen.listenerRuleArn) && blueGreen.groups.length === 2))
  );
}
