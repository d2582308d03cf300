import type { Inputs } from './parsed.ts';
import type { InputReader } from './reader.ts';

/** AWS's own delay at a checkpoint when none is given (AutoScaling API, RefreshPreferences). */
export const defaultCheckpointDelay = 3600;

/**
 * What the rollout's inputs have to be to each other. Most is what the StartInstanceRefresh API would refuse,
 * after minutes of building:
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
 */
export function checkRollout(reader: InputReader, inputs: Inputs): void {
  checkHealthyPercentages(reader, inputs);
  checkCheckpoints(reader, inputs);
  checkPauses(reader, inputs);
  if ((inputs.alarms?.length ?? 0) > 10) {
    reader.refuse('alarms', inputs.alarms?.join(', '), 'give at most 10 alarm names');
  }
  if (reader.isFine('auto-rollback', 'on-cancel') && !inputs.autoRollback && inputs.onCancel === 'rollback') {
    reader.refuse(
      'on-cancel',
      'rollback',
      'give leave, or set auto-rollback to true: a rollout that is never rolled back can not be on cancel',
    );
  }
  if (!reader.isFine('unhealthy-timeout', 'timeout')) return;
  if (inputs.unhealthyTimeout !== undefined && inputs.unhealthyTimeout >= inputs.timeout) {
    reader.refuse(
      'unhealthy-timeout',
      String(inputs.unhealthyTimeout),
      `give less than timeout, which is ${inputs.timeout}`,
    );
  }
}

function checkHealthyPercentages(reader: InputReader, inputs: Inputs): void {
  const { minHealthyPercentage: min, maxHealthyPercentage: max } = inputs;
  if (!reader.isFine('min-healthy-percentage', 'max-healthy-percentage')) return;
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

function checkCheckpoints(reader: InputReader, inputs: Inputs): void {
  const { checkpoints } = inputs;
  if (!reader.isFine('checkpoints', 'checkpoint-delay')) return;
  if (checkpoints === undefined) {
    if (inputs.checkpointDelay !== undefined) {
      reader.refuse(
        'checkpoint-delay',
        String(inputs.checkpointDelay),
        'give checkpoints as well, or leave it out',
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

/** A rollout that pauses longer than it may take could only time out. */
function checkPauses(reader: InputReader, { checkpoints, checkpointDelay, bakeTime, timeout }: Inputs): void {
  if (!reader.isFine('checkpoints', 'checkpoint-delay', 'bake-time', 'timeout')) return;
  const pauses = (checkpoints ?? []).slice(0, -1).length;
  const delay = checkpointDelay ?? defaultCheckpointDelay;
  const paused = pauses * delay + (bakeTime ?? 0);
  if (paused < timeout) return;
  const parts = [
    ...(pauses === 0
      ? []
      : [
          `${pauses} × ${delay} s at checkpoints${checkpointDelay === undefined ? " (AWS's own delay)" : ''}`,
        ]),
    ...(bakeTime === undefined ? [] : [`${bakeTime} s of bake-time`]),
  ];
  reader.refuse(
    'timeout',
    String(timeout),
    `give more than the rollout pauses, which is ${parts.join(' and ')}, or let it pause for less`,
  );
}
