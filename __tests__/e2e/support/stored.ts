import { DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';

/** Base images have larger ones. */
const largestLayer = 20 << 20;

/** Every version of every object of a bucket. */
export async function objectsIn(cloud: CloudDescription, Bucket: string): Promise<string[]> {
  const s3 = new S3Client(clientConfiguration(cloud));
  try {
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    return await Promise.all(
      Versions.map(async ({ Key, VersionId }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
        return (await Body?.transformToString()) ?? '';
      }),
    );
  } finally {
    s3.destroy();
  }
}

/** The user data of every version of a launch template. */
export async function userData(cloud: CloudDescription, LaunchTemplateName: string): Promise<string[]> {
  const ec2 = new EC2Client(clientConfiguration(cloud));
  try {
    const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName });
    const { LaunchTemplateVersions = [] } = await ec2.send(command);
    return LaunchTemplateVersions.map(({ LaunchTemplateData }) =>
      Buffer.from(LaunchTemplateData?.UserData ?? '', 'base64').toString(),
    );
  } finally {
    ec2.destroy();
  }
}

interface Manifest {
  config: { digest: string };
  layers: { digest: string; size: number }[];
  manifests?: { digest: string }[];
}

/**
 * What an image in the registry is made of: manifest, configuration with its history, and the layers of its own.
 *
 * @param image repository@digest
 */
export async function partsOfImage(cloud: CloudDescription, image: string): Promise<Buffer[]> {
  const ecr = new ECRClient(clientConfiguration(cloud));
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
  ecr.destroy();
  const [, name = '', digest = ''] = /^[^/]+\/(.+)@(sha256:\w+)$/.exec(image) ?? [];
  const { port } = new URL(cloud.endpoint);
  const get = async (path: string): Promise<Buffer> => {
    const response = await fetch(`http://127.0.0.1:${Number(port) + 1000}/v2/${name}/${path}`, {
      headers: {
        authorization: `Basic ${authorizationData[0]?.authorizationToken ?? ''}`,
        accept: ['oci.image.manifest.v1', 'oci.image.index.v1', 'docker.distribution.manifest.v2']
          .map((type) => `application/vnd.${type}+json`)
          .join(', '),
      },
    });
    if (!response.ok) throw new Error(`${path} of ${image}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  };
  const manifest = await get(`manifests/${digest}`);
  const { config, layers } = JSON.parse(manifest.toString()) as Manifest;
  const own = layers.filter(({ size }) => size < largestLayer);
  return [manifest, ...(await Promise.all([config, ...own].map((each) => get(`blobs/${each.digest}`))))];
}

/** Every file below a folder. */
export async function filesBelow(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
}
