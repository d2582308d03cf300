import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Backend, TerraformOutputs } from '../core/index.ts';
import { awsErrorKind, DeployError, errorText, isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { backendNames, openBucket } from '../state-backend/index.ts';
import type { Outputs } from '../terraform/index.ts';
import { protectOutputs, readContract } from '../terraform/index.ts';

/**
 * The outputs that the last apply left in the Terraform state, read from S3 without Terraform: one call, for the
 * bundled root and a user's own alike. Sensitive outputs are left out.
 *
 * @returns undefined when there is no state, or an empty one: nothing was deployed here
 * @throws DeployError `terraform-contract` when the outputs are not the contract's or can't be read, `backend`
 */
export async function readState(run: Run): Promise<TerraformOutputs | undefined> {
  const { bucket, stateKey: key } = backendNames(run);
  const text = await stateText(run, bucket, key);
  if (text === undefined) return undefined;
  const state = parseState(text);
  const left = 'Nothing was touched.';
  if (state === undefined) {
    throw new DeployError({
      reason: 'terraform-contract',
      message: `the Terraform state s3://${bucket}/${key} can not be read without Terraform: it is encrypted or of another format`,
      left,
      next: 'where another program wrote or encrypted it, keep it as Terraform writes it, unencrypted by the client ("Your own Terraform" in the documentation); where it is cut, restore an earlier version of the object',
    });
  }
  if (Object.keys(state.outputs).length > 0)
    return readContract(protectOutputs(run.log, state.outputs), left);
  if (!state.hasResources) return undefined;
  throw new DeployError({
    reason: 'terraform-contract',
    message: `the Terraform state s3://${bucket}/${key} holds resources and no outputs: the first deployment did not come to its end, or the root gives none`,
    left,
    next: 'deploy: Terraform goes on where it stopped; "Your own Terraform" in the documentation shows the outputs that a root has to give',
  });
}

/**
 * The outputs of the state that an apply has just left, read from S3: Terraform, which needs a second to say the same, is
 * asked only where that can't be read (encrypted by OpenTofu, or without outputs).
 *
 * @param backend where the state is
 * @param ask asks Terraform
 */
export async function readAppliedOutputs(
  run: Run,
  { bucket, stateKey }: Pick<Backend, 'bucket' | 'stateKey'>,
  ask: () => Promise<Outputs>,
): Promise<Outputs> {
  const text = await stateText(run, bucket, stateKey).catch((error: unknown) => {
    run.log.debug(`asking Terraform for the outputs: ${errorText(error)}`);
    return undefined;
  });
  run.signal.throwIfAborted();
  const outputs = text === undefined ? {} : (parseState(text)?.outputs ?? {});
  return Object.keys(outputs).length > 0 ? protectOutputs(run.log, outputs) : ask();
}

/**
 * The text of a state in the bucket.
 * @returns undefined where there is no such state, or no bucket
 * @throws DeployError `credentials`, `backend`
 */
export async function stateText(run: Run, bucket: string, key: string): Promise<string | undefined> {
  const { client, owner } = openBucket(run, bucket);
  try {
    const { Body } = await client.send(new GetObjectCommand({ ...owner, Key: key }));
    return await Body?.transformToString();
  } catch (error) {
    if (isAwsError(error, 'NoSuchKey', 'NoSuchBucket', 'NotFound')) return undefined;
    throw new DeployError({
      reason: awsErrorKind(error) === 'denied' ? 'credentials' : 'backend',
      message: `the Terraform state s3://${bucket}/${key} can not be read`,
      evidence: [{ label: 'what AWS said', text: errorText(error) }],
      left: 'Nothing was touched.',
      next: 'allow the role s3:GetObject on it (and s3:ListBucket on the bucket), and see that state-bucket and region are right',
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

/** What is read of a state file. */
interface State {
  outputs: Outputs;
  hasResources: boolean;
}

/**
 * Reads a state file; version 4 of the format has had all of it in this place since Terraform 0.12. Pure.
 *
 * @returns undefined for what is no such file
 */
export function parseState(text: string): State | undefined {
  let file: { version?: number; outputs?: Outputs; resources?: unknown[] };
  try {
    file = JSON.parse(text) as typeof file;
  } catch {
    return undefined;
  }
  const { version, outputs = {}, resources = [] } = file;
  return version === 4 ? { outputs, hasResources: resources.length > 0 } : undefined;
}
