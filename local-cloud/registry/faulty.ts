/** What a test asked to go wrong, at the registry's own door: faults of service `ecr`, by the action that IAM knows. */
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, faultError } from '../gateway/index.ts';

/**
 * The action that a role needs for a request of docker's: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 *
 * @param kind `blobs`, `manifests` or `tags`
 * @param rest what comes after it in the path
 */
export function actionOf(method: string | undefined, kind: string, rest: readonly string[]): string {
  if (kind === 'tags') return 'ListImages';
  if (kind === 'manifests') return method === 'PUT' ? 'PutImage' : 'BatchGetImage';
  if (rest[0] !== 'uploads')
    return method === 'HEAD' ? 'BatchCheckLayerAvailability' : 'GetDownloadUrlForLayer';
  if (method === 'POST') return 'InitiateLayerUpload';
  return method === 'PUT' ? 'CompleteLayerUpload' : 'UploadLayerPart';
}

/** Does the work as the fault wants it: late, not at all (throws the fault's error), or without an answer. */
export async function underFault(
  fault: Fault | undefined,
  response: ServerResponse,
  work: () => Promise<void>,
): Promise<void> {
  if (fault?.delayMilliseconds !== undefined) await delay(fault.delayMilliseconds);
  const error = fault && faultError(fault);
  if (error !== undefined) throw error;
  if (fault?.lost === true) response.end = () => response.destroy();
  await work();
}
