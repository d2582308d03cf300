import type { LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { AwsAccess } from '../aws/index.ts';
import { imageInUserData } from '../core/index.ts';

/** One version of the launch template: one image, one machine configuration. */
export interface TemplateVersion {
  version: number;
  createdAt: Date | undefined;
  /** repository@sha256:… as its user data names it; undefined when it names none. */
  image: string | undefined;
}

/** Pages of 200 versions; EC2 keeps at most 10,000 versions of a template. */
const pages = 50;

/** Every version of a template, newest first. */
export async function readVersions(access: AwsAccess, templateId: string): Promise<TemplateVersion[]> {
  const client = new EC2Client(access.clientConfiguration);
  const versions: LaunchTemplateVersion[] = [];
  try {
    let token: string | undefined;
    for (let page = 1; page <= pages; page += 1) {
      const answer = await client.send(
        new DescribeLaunchTemplateVersionsCommand({
          LaunchTemplateId: templateId,
          MaxResults: 200,
          ...(token !== undefined && { NextToken: token }),
        }),
      );
      versions.push(...(answer.LaunchTemplateVersions ?? []));
      token = answer.NextToken;
      if (token === undefined || token === '') break;
    }
  } finally {
    client.destroy();
  }
  return versions.map(versionOf).sort((one, other) => other.version - one.version);
}

function versionOf(found: LaunchTemplateVersion): TemplateVersion {
  return {
    version: found.VersionNumber ?? 0,
    createdAt: found.CreateTime,
    image: imageInUserData(found.LaunchTemplateData?.UserData ?? ''),
  };
}
