/** What can be made to go wrong with simulated instances. */

/** What shall go wrong, for all instances launched from then on or for some of them. */
export interface FleetFault {
  /** Only instances of this Auto Scaling group; of all when left out. */
  group?: string;
  /** Only instances of this launch template version; all when left out. */
  templateVersion?: number;
  /** Launches fail, with this StatusMessage or, for true, the one for insufficient capacity. */
  noCapacity?: true | string;
  /** User data fails in this step (for true: run): boot marker on the console, SetInstanceHealth, never healthy. */
  bootFailure?: true | string;
  /** What user data says of the step that fails: "docker failed: no space left on device". */
  bootDetails?: string;
  /** The target never gets healthy, with this reason code or, for true, Target.ResponseCodeMismatch. */
  neverHealthy?: true | string;
  /** Seconds from running to healthy. */
  secondsToHealthy?: number;
  /** The instance stops this many seconds after it was running. */
  diesAfterSeconds?: number;
  /** Draining takes this long, whatever the deregistration delay. */
  drainSeconds?: number;
}

const reasons = [
  'Target.ResponseCodeMismatch',
  'Target.Timeout',
  'Target.FailedHealthChecks',
  'Elb.InternalError',
];

const rules: Record<keyof FleetFault, (value: unknown) => boolean> = {
  group: isText,
  templateVersion: isCount,
  noCapacity: isTextOrTrue,
  bootFailure: isTextOrTrue,
  bootDetails: isText,
  neverHealthy: (value) => value === true || (typeof value === 'string' && reasons.includes(value)),
  secondsToHealthy: isCount,
  diesAfterSeconds: isCount,
  drainSeconds: isCount,
};

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isTextOrTrue(value: unknown): boolean {
  return value === true || isText(value);
}

/**
 * Reads a fault from JSON.
 * @throws Error that names what is wrong and what would be right
 */
export function parseFleetFault(value: unknown): FleetFault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('a fleet fault is an object, for instance {"neverHealthy": "Target.Timeout"}');
  }
  for (const [key, given] of Object.entries(value)) {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof FleetFault] : undefined;
    if (rule === undefined) {
      throw new Error(`there is no fleet fault "${key}"; known are ${Object.keys(rules).join(', ')}`);
    }
    if (!rule(given)) throw new Error(`the fleet fault "${key}" can't be ${JSON.stringify(given)}`);
  }
  return value;
}

/** All faults that hold for an instance of a group and template version, put together; a later one wins. */
export function faultsFor(
  faults: readonly FleetFault[],
  instance: { group: string; templateVersion: number },
): FleetFault {
  const holds = (fault: FleetFault): boolean =>
    (fault.group ?? instance.group) === instance.group &&
    (fault.templateVersion ?? instance.templateVersion) === instance.templateVersion;
  return Object.assign({}, ...faults.filter(holds)) as FleetFault;
}
