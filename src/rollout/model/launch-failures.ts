import type { ActivityObservation } from './observations.ts';

/** Why EC2 started no instance, told from the activity's StatusMessage. */
export interface LaunchFailure {
  /** A short name for tests and the table of failures. */
  name: string;
  /** What is wrong, to follow "new instances can't be launched: ". */
  what: string;
  /** What a person does about it before the job is run again. */
  remedy: string;
  /** True when waiting does not help: the next try fails in the same way. */
  permanent: boolean;
  /** How a quota of the account that is used up is raised. */
  raise?: string;
}

const raiseVcpus =
  'it counts vCPUs, and of the standard families (A, C, D, H, I, M, R, T, Z) it is: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A --desired-value <vCPUs>';
const raiseSpotVcpus =
  'it counts vCPUs, and of Spot instances of the standard families it is: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-34B43A08 --desired-value <vCPUs>';

const known: (LaunchFailure & { pattern: RegExp })[] = [
  {
    name: 'image-gone',
    pattern: /image id '?\[?'?ami-\w+'?\]?'? does not exist|AMI ID \S+ does not exist/i,
    what: 'the machine image (AMI) of the launch template does not exist',
    remedy: 'give Terraform an AMI that exists in this region and account',
    permanent: true,
  },
  {
    name: 'image-pending',
    pattern: /AMI \S+ is pending|ami-\w+' is pending/i,
    what: 'the machine image (AMI) is still being made',
    remedy: 'wait until the AMI is available',
    permanent: false,
  },
  {
    name: 'spot-quota',
    pattern: /Max spot instance count exceeded|MaxSpotInstanceCountExceeded/i,
    what: "the account's quota of Spot instances is used up",
    remedy: `allow On-Demand instances in the group, or have the quota raised; ${raiseSpotVcpus}`,
    raise: raiseSpotVcpus,
    permanent: true,
  },
  {
    name: 'spot',
    pattern: /spot (?:capacity|request price)|no Spot capacity/i,
    what: 'there is no Spot capacity for the request',
    remedy: 'allow more instance types or On-Demand instances in the group',
    permanent: false,
  },
  {
    name: 'capacity',
    pattern: /do not have sufficient \S+ capacity|InsufficientInstanceCapacity/i,
    what: 'AWS has no capacity for the instance type in the zone it was asked for',
    remedy: 'try again later, or give the group more instance types or zones',
    permanent: false,
  },
  {
    name: 'quota',
    pattern: /vCPU limit|VcpuLimitExceeded|instance\(s\) are already running|InstanceLimitExceeded/i,
    what: "the account's quota of running instances is used up",
    remedy: `stop instances, give the rollout a smaller max-healthy-percentage, or have the quota raised; ${raiseVcpus}`,
    raise: raiseVcpus,
    permanent: true,
  },
  {
    name: 'instance-type',
    pattern: /instance type \(\S+\) is not supported in your requested Availability Zone/i,
    what: 'the instance type does not exist in the zone it was asked for',
    remedy: "choose another instance type, or leave the zone out of the group's subnets",
    permanent: true,
  },
  {
    name: 'architecture',
    pattern: /architecture '\S+' of the specified instance type does not match/i,
    what: 'the machine image and the instance type have different architectures',
    remedy: 'make the AMI and the instance type of the launch template agree (x86_64 or arm64)',
    permanent: true,
  },
  {
    name: 'security-group',
    pattern: /security group \S+ does not exist/i,
    what: 'a security group of the launch template does not exist',
    remedy: 'apply the Terraform root so that the template names security groups that exist',
    permanent: true,
  },
  {
    name: 'key-pair',
    pattern: /key pair \S+ does not exist/i,
    what: 'the key pair of the launch template does not exist',
    remedy: 'take the key pair out of the launch template or make it',
    permanent: true,
  },
  {
    name: 'instance-profile',
    pattern: /iamInstanceProfile|Invalid IAM Instance Profile/i,
    what: 'the instance profile of the launch template is not valid',
    remedy: 'check that the instance profile exists; one that was just made takes a few minutes to be known',
    permanent: false,
  },
  {
    name: 'volume-key',
    pattern: /Client\.InternalError: Client error on launch/i,
    what: 'the instance stops while it starts, mostly because Auto Scaling may not use the KMS key of its volumes',
    remedy: 'grant the service-linked role of Auto Scaling the use of the KMS key',
    permanent: true,
  },
  {
    name: 'volume-size',
    pattern: /is smaller than snapshot/i,
    what: 'a volume of the launch template is smaller than the snapshot it is made from',
    remedy: 'raise the volume size in the launch template',
    permanent: true,
  },
  {
    name: 'not-authorised',
    pattern: /Authentication Failure|not authorized|UnauthorizedOperation/i,
    what: 'Auto Scaling may not launch instances in this account',
    remedy: 'check the service-linked role AWSServiceRoleForAutoScaling and the policies of the organisation',
    permanent: true,
  },
  {
    // Made by the account's first group, and not known everywhere for some seconds.
    name: 'service-linked-role',
    pattern: /assume role \S*role\/aws-service-role\//i,
    what: "Auto Scaling can't act as its service-linked role, which AWS makes with the first group of an account and which takes a while to be known",
    remedy:
      'wait a few minutes; if it stays, see that the role is there (aws iam get-role --role-name AWSServiceRoleForAutoScaling; aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com makes it) and that no policy of the organisation keeps Auto Scaling from it',
    permanent: false,
  },
  {
    name: 'target-group-gone',
    pattern: /target groups? not found|Validating load balancer configuration failed/i,
    what: 'a target group of the group does not exist',
    remedy: 'apply the Terraform root so that the group names target groups that exist',
    permanent: true,
  },
];

const other: LaunchFailure = {
  name: 'other',
  what: 'AWS could not launch them',
  remedy: 'read what AWS said above, and the whole of it in the activity history of the group',
  permanent: false,
};

/** The class of a failed launch (texts: EC2 Auto Scaling User Guide, "Troubleshoot"; several seen only in logs). */
export function launchFailure(statusMessage: string): LaunchFailure {
  return known.find(({ pattern }) => pattern.test(statusMessage)) ?? other;
}

/** How a lifecycle hook ended a launch, or undefined when the text is about something else. */
export function hookFailure(statusMessage: string): 'abandoned' | 'timed-out' | undefined {
  if (!/Lifecycle Action/i.test(statusMessage)) return undefined;
  if (/Heartbeat Timeout/i.test(statusMessage)) return 'timed-out';
  return /abandon/i.test(statusMessage) ? 'abandoned' : undefined;
}

/** Whether an activity is a launch that came to nothing. */
export function isFailedLaunch(activity: ActivityObservation): boolean {
  if (activity.kind !== 'launch') return false;
  if (activity.statusCode === 'Failed') return true;
  // A launch is also cancelled when nobody needs the instance any more.
  return activity.statusCode === 'Cancelled' && hookFailure(activity.statusMessage) !== undefined;
}

/** An instance that was launched, not one that is merely being tried, after another launch failed. */
export function launchedAfter(activity: ActivityObservation, failed: ActivityObservation): boolean {
  return activity.statusCode === 'Successful' && activity.startTime > failed.startTime;
}
