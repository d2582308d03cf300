import type { LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { AwsAccess } from '../aws/index.ts';
import type { TerraformOutputs } from '../core/index.ts';
import { imagesInUserData, serviceImage } from '../core/index.ts';

/** One version of the launch template: one image, one machine configuration. */
export interface TemplateVersion {
  version: number;
  createdAt: Date | undefined;
  /** repository@sha256:… of the application, as its user data names it; undefined when it names none. */
  image: string | undefined;
  /** User data names several images, and which one is the application's can't be told. */
  ambiguous?: boolean;
}

/** Pages of 200 versions; EC2 keeps at most 10,000 versions of a template. */
const pages = 50;

/** Every version of a template, newest first. */
export async function readVersions(
  access: AwsAccess,
  {
    launchTemplateId: templateId,
    repositoryUrl,
  }: Pick<TerraformOutputs, 'launchTemplateId' | 'repositoryUrl'>,
): Promise<TemplateVersion[]> {
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
  return versions
    .map((each) => versionOf(each, repositoryUrl))
    .sort((one, other) => other.version - one.version);
}

/**
 * The image of one version, repository@digest; '' when its user data names none.
 * @throws the SDK's error when EC2 can't be asked
 */
export async function readVersionImage(
  access: AwsAccess,
  { launchTemplateId, repositoryUrl }: Pick<TerraformOutputs, 'launchTemplateId' | 'repositoryUrl'>,
  version: number,
): Promise<string> {
  const client = new EC2Client(access.clientConfiguration);
  try {
    const { LaunchTemplateVersions: found = [] } = await client.send(
      new DescribeLaunchTemplateVersionsCommand({
        LaunchTemplateId: launchTemplateId,
        Versions: [String(version)],
      }),
    );
    return (found[0] && versionOf(found[0], repositoryUrl).image) ?? '';
  } finally {
    client.destroy();
  }
}

function versionOf(found: LaunchTemplateVersion, repositoryUrl: string): TemplateVersion {
  return {
    version: found.VersionNumber ?? 0,
    createdAt: found.CreateTime,
    ...serviceImage(imagesInUserData(found.LaunchTemplateData?.UserData ?? ''), repositoryUrl),
  };
}
