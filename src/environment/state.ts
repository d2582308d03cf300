import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { TerraformOutputs } from '../core/index.ts';
import { awsErrorKind, DeployError, errorText, isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { defaultBucket, openBucket, stateKey } from '../state-backend/index.ts';
import type { Outputs } from '../terraform/index.ts';
import { readableOutputs, readContract } from '../terraform/index.ts';

/**
 * The outputs that the last apply left in the Terraform state, read from S3 without Terraform: one call, for the
 * bundled root and a user's own alike. Sensitive outputs are left out.
 *
 * @returns undefined when there is no state, or an empty one: nothing was deployed here
 * @throws DeployError `terraform-contract` when the outputs are not the contract's or can't be read, `backend`
 */
export async function readState(run: Run): Promise<TerraformOutputs | undefined> {
  const { bucket, key } = stateOf(run);
  const text = await stateText(run);
  if (text === undefined) return undefined;
  const outputs = outputsIn(text);
  const left = 'Nothing was touched.';
  if (outputs === undefined) {
    throw new DeployError({
      reason: 'terraform-contract',
      message: `the Terraform state s3://${bucket}/${key} can not be read without Terraform: it is encrypted or of another format`,
      left,
      next: 'use the command redeploy with the image to go back to: it runs Terraform',
    });
  }
  if (Object.keys(outputs).length > 0) return readContract(outputs, left);
  if (!hasResources(text)) return undefined;
  throw new DeployError({
    reason: 'terraform-contract',
    message: `the Terraform state s3://${bucket}/${key} holds resources and no outputs: the first deployment did not come to its end, or the root gives none`,
    left,
    next: 'deploy: Terraform goes on where it stopped; "Your own Terraform" in the documentation shows the outputs that a root has to give',
  });
}

/** Where the state of this environment lies. */
export function stateOf({ inputs, aws }: Run): { bucket: string; key: string } {
  const bucket = inputs.stateBucket ?? defaultBucket(aws);
  return { bucket, key: stateKey(inputs.application, inputs.environment) };
}

async function stateText(run: Run): Promise<string | undefined> {
  const { bucket, key } = stateOf(run);
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

/** A state file, as far as it is read here: version 4 of the format has had it in this place since Terraform 0.12. */
interface StateFile {
  version?: number;
  outputs?: Outputs;
  resources?: unknown[];
}

/** undefined for what is no such file. */
function parseState(text: string): StateFile | undefined {
  try {
    const state = JSON.parse(text) as StateFile;
    return state.version === 4 ? state : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The outputs in a state file that are not sensitive, by name.
 *
 * @returns undefined for what is no such file
 */
export function outputsIn(text: string): Record<string, unknown> | undefined {
  const state = parseState(text);
  return state && readableOutputs(state.outputs ?? {});
}

function hasResources(text: string): boolean {
  return (parseState(text)?.resources ?? []).length > 0;
}
