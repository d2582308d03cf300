import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';

const index = 'application/vnd.oci.image.index.v1+json';

/**
 * An image that simulated instances can run: an index of no platform, for which nothing is built. Its repository is made
 * when it is missing.
 *
 * @param number the same one is the same image
 * @returns repository@digest
 */
export async function emptyImage(
  cloud: CloudDescription,
  repositoryName: string,
  number: number,
): Promise<string> {
  const ecr = new ECRClient(clientConfiguration(cloud));
  try {
    const uri = await makeRepository(ecr, repositoryName);
    const manifest = { schemaVersion: 2, mediaType: index, manifests: [], annotations: { number } };
    const { image } = await ecr.send(
      new PutImageCommand({
        repositoryName,
        // Twice the same image under one tag is refused.
        imageTag: `${number}-${Date.now()}`,
        imageManifest: JSON.stringify(manifest),
        imageManifestMediaType: index,
      }),
    );
    return `${uri}@${image?.imageId?.imageDigest ?? ''}`;
  } finally {
    ecr.destroy();
  }
}

/** @returns its URI */
async function makeRepository(ecr: ECRClient, repositoryName: string): Promise<string> {
  try {
    const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    return repository?.repositoryUri ?? '';
  } catch (error) {
    if ((error as Error).name !== 'RepositoryAlreadyExistsException') throw error;
  }
  const { repositories } = await ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }),
  );
  return repositories?.[0]?.repositoryUri ?? '';
}
