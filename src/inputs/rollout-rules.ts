import type { Inputs } from '../inputs.ts';
import type { InputReader } from './reader.ts';

/**
 * What the rollout's inputs have to be to each other. Most is what the StartInstanceRefresh API would refuse,
 * after minutes of building:
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
 */
export function checkRollout(reader: InputReader, inputs: Inputs): void {
  checkHealthyPercentages(reader, inputs);
  checkCheckpoints(reader, inputs);
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
  if (!reader.isFine('patience', 'timeout')) return;
  if (inputs.patience !== undefined && inputs.patience >= inputs.timeout) {
    reader.refuse('patience', String(inputs.patience), `give less than timeout, which is ${inputs.timeout}`);
  }
}

function checkHealthyPercentages(reader: InputReader, inputs: Inputs): void {
  const { minHealthyPercentage: min, maxHealthyPercentage: max } = inputs;
  if (max === undefined || !reader.isFine('min-healthy-percentage', 'max-healthy-percentage')) return;
  if (min === undefined) {
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
  if (checkpoints.some((one, index) => index > 0 && one <= (checkpoints[index - 1] ?? 0))) {
    reader.refuse('checkpoints', given, 'give percentages that rise, like 20, 50, 100');
  }
}
