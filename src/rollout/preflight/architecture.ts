import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import type { _InstanceType } from '@aws-sdk/client-ec2';
import {
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { TerraformOutputs } from '../../core/index.ts';
import { DeployError } from '../../core/index.ts';
import type { Run } from '../../run/index.ts';

/** An instance type that the group may launch. */
export interface Machine {
  type: string;
  /** As EC2 names them: x86_64, arm64, i386. */
  architectures: string[];
}

/** Docker's name of a platform for each of EC2's architectures (ProcessorInfo, SupportedArchitectures). */
const platformOf = new Map([
  ['x86_64', 'linux/amd64'],
  ['arm64', 'linux/arm64'],
  ['i386', 'linux/386'],
]);

/** The machines that can't run an image for these platforms. Pure; what is not known stands against nothing. */
export function cannotRun(platforms: readonly string[], machines: readonly Machine[]): Machine[] {
  if (platforms.length === 0) return [];
  return machines.filter(({ architectures }) => {
    const known = architectures.flatMap((name) => platformOf.get(name) ?? []);
    return known.length > 0 && !known.some((platform) => platforms.includes(platform));
  });
}

/**
 * Refuses an image that the instances of the new template version can't run: its first command would end with "exec
 * format error" on every new instance.
 * @param platforms what the image runs on; none when that is not known
 * @throws DeployError preflight
 */
export async function checkArchitecture(
  run: Run,
  outputs: TerraformOutputs,
  platforms: readonly string[],
): Promise<void> {
  if (platforms.length === 0) return;
  const machines = await readMachines(run, outputs).catch((error: unknown) => {
    run.signal.throwIfAborted();
    run.log.debug(`the architecture of the instances is not known: ${String(error)}`);
    return [];
  });
  const [unfit] = cannotRun(platforms, machines);
  if (unfit === undefined) return;
  const needed = unfit.architectures.flatMap((name) => platformOf.get(name) ?? [])[0] ?? '';
  throw new DeployError({
    reason: 'preflight',
    message: `the image is for ${platforms.join(', ')}, and the instances (${unfit.type}) need ${needed}`,
    evidence: [
      { label: 'why it matters', text: 'the container would end at once, with "exec format error"' },
    ],
    left: `no refresh was started: no instance of ${outputs.autoscalingGroupName} was replaced; version ${outputs.launchTemplateVersion} waits`,
    next: remedyFor(needed, run.inputs.platform),
  });
}

/**
 * What to do about an image for another platform than the instances need. Pure.
 * @param asked the input platform: where it says what is needed, the Dockerfile did not keep to it
 */
export function remedyFor(needed: string, asked: string | undefined): string {
  const other = "or choose instance types of the image's architecture";
  if (asked !== needed) return `build for ${needed} (the input platform); ${other}`;
  return `the input platform is ${needed}, and the Dockerfile did not keep to it: look for a FROM with another --platform, or a base image by the digest of another platform; ${other}`;
}

/** The types that the group may launch: those of its mixed policy, else the template's. */
async function readMachines(run: Run, outputs: TerraformOutputs): Promise<Machine[]> {
  const ec2 = new EC2Client(run.aws.clientConfiguration);
  const autoScaling = new AutoScalingClient(run.aws.clientConfiguration);
  try {
    const [{ LaunchTemplateVersions }, { AutoScalingGroups }] = await Promise.all([
      ec2.send(
        new DescribeLaunchTemplateVersionsCommand({
          LaunchTemplateId: outputs.launchTemplateId,
          Versions: [String(outputs.launchTemplateVersion)],
        }),
      ),
      autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [outputs.autoscalingGroupName] }),
      ),
    ]);
    const overrides = AutoScalingGroups?.[0]?.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
    const named = overrides.flatMap(({ InstanceType }) => InstanceType ?? []);
    const own = LaunchTemplateVersions?.[0]?.LaunchTemplateData?.InstanceType;
    const types = named.length > 0 ? named : overrides.length > 0 || own === undefined ? [] : [own];
    if (types.length === 0) return [];
    const { InstanceTypes = [] } = await ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: types as _InstanceType[] }),
    );
    return InstanceTypes.map(({ InstanceType, ProcessorInfo }) => ({
      type: InstanceType ?? '',
      architectures: ProcessorInfo?.SupportedArchitectures ?? [],
    }));
  } finally {
    ec2.destroy();
    autoScaling.destroy();
  }
}
