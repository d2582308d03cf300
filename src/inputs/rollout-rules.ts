import type { RuleContext } from './rule.ts';
import { standing, strategySaid } from './strategy-rules.ts';

/**
 * What the rollout's inputs have to be to each other. Most is what the StartInstanceRefresh API would refuse,
 * after minutes of building:
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
 */

/** AWS's own delay at a checkpoint when none is given (AutoScaling API, RefreshPreferences). */
export const defaultCheckpointDelay = 3600;

/** AWS takes both percentages or none, at most 100 apart. */
export function checkHealthyPercentages({ reader, inputs }: RuleContext): void {
  const { minHealthyPercentage: min, maxHealthyPercentage: max } = inputs;
  if (max === undefined) {
    if (min === 100) {
      reader.refuse(
        'min-healthy-percentage',
        '100',
        'give max-healthy-percentage as well (100 to 200): where every instance stays and none may be added, none can be replaced, and AWS would take one away all the same',
      );
    }
  } else if (min === undefined) {
    reader.refuse(
      'max-healthy-percentage',
      String(max),
      'give min-healthy-percentage as well: AWS takes both or none',
    );
  } else if (max - min > 100) {
    reader.refuse(
      'max-healthy-percentage',
      String(max),
      `give at most ${min + 100}: AWS allows 100 more than min-healthy-percentage, which is ${min}`,
    );
  }
}

/** Checkpoints rise, and end where the rollout ends. */
export function checkCheckpoints({ reader, inputs }: RuleContext): void {
  const { checkpoints } = inputs;
  if (checkpoints === undefined) {
    if (inputs.checkpointDelay !== undefined && inputs.pauseAt === undefined) {
      reader.refuse(
        'checkpoint-delay',
        String(inputs.checkpointDelay),
        'give checkpoints as well (or pause-at, which is one), or leave it out',
      );
    }
    return;
  }
  const given = checkpoints.join(', ');
  const last = checkpoints.at(-1) ?? 100;
  if (checkpoints.some((one, index) => index > 0 && one <= (checkpoints[index - 1] ?? 0))) {
    reader.refuse('checkpoints', given, 'give percentages that rise, like 20, 50, 100');
  } else if (checkpoints.length > 1 && last < 100) {
    reader.refuse(
      'checkpoints',
      given,
      `end the list with 100, or give ${last} alone to stop there: after the last one AWS goes no further`,
    );
  }
}

/** The checkpoints that a refresh is started with which pauses at one of them: it goes no further. Pure. */
export function checkpointsUntil(checkpoints: readonly number[], pauseAt: number): number[] {
  return [...checkpoints.filter((one) => one < pauseAt), pauseAt];
}

/** Seconds at each checkpoint. A single one below 100 is where the rollout stops: nothing is waited for unless told. Pure. */
export function delayAt(checkpoints: readonly number[], given: number | undefined): number {
  const [only = 100] = checkpoints;
  const none = checkpoints.length === 0 || (checkpoints.length === 1 && only < 100);
  return given ?? (none ? 0 : defaultCheckpointDelay);
}

/** A rollout that stands for longer than it may take could only time out. */
export function checkPauses({ reader, inputs }: RuleContext): void {
  const { checkpoints = [], checkpointDelay, pauseAt, bakeTime = 0, timeout } = inputs;
  const isPausing = pauseAt !== undefined && strategySaid(inputs) === 'rolling';
  const reached = isPausing ? checkpointsUntil(checkpoints, pauseAt) : checkpoints;
  const pauses = isPausing ? reached.length : checkpoints.slice(0, -1).length;
  const delay = delayAt(reached, checkpointDelay);
  const { steps, stepTime } = standing(inputs);
  if (pauses * delay + steps * stepTime + bakeTime < timeout) return;
  const own = checkpointDelay === undefined ? " (AWS's own delay)" : '';
  const parts = [
    ...(pauses * delay === 0 ? [] : [`${pauses} × ${delay} s at checkpoints${own}`]),
    ...(steps === 0 ? [] : [`${steps} × ${stepTime} s at traffic-steps`]),
    ...(bakeTime === 0 ? [] : [`${bakeTime} s of bake-time`]),
  ];
  reader.refuse(
    'timeout',
    String(timeout),
    `give more than the rollout pauses, which is ${parts.join(' and ')}, or let it pause for less`,
  );
}

/** What is never rolled back can't be on cancel. */
export function checkRollbackOnCancel({ reader, inputs: { autoRollback, onCancel } }: RuleContext): void {
  if (autoRollback || onCancel !== 'rollback') return;
  reader.refuse(
    'on-cancel',
    'rollback',
    'give leave, or set auto-rollback to true: a rollout that is never rolled back can not be on cancel',
  );
}

/**
 * Blue/green has both versions answer at once, and so has an instance refresh, unless every old instance goes before a
 * new one comes: one database serves both meanwhile.
 */
export function checkSchema({ reader, inputs }: RuleContext): void {
  const { incompatibleSchema, minHealthyPercentage: min, maxHealthyPercentage: max } = inputs;
  const stops = inputs.checkpoints ?? inputs.pauseAt;
  if (!incompatibleSchema || (min === 0 && max === 100 && stops === undefined)) return;
  reader.refuse(
    'incompatible-schema',
    'true',
    'make the change in two deployments that both versions can use (expand, then contract) and leave this out: with blue-green, and with rolling as well, both versions answer at once and use one database. Where an outage is fine, rolling with min-healthy-percentage 0, max-healthy-percentage 100 and no checkpoints ends all old instances before a new one comes up',
  );
}
