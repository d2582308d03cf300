import { describe, expect, it } from '@jest/globals';
import { launchFailure, hookFailure } from '../../../src/rollout/model/launch-failures.ts';

describe('launchFailure', () => {
  it.each([
    ["The image id 'ami-4edb0327' does not exist. Launching EC2 instance failed.", 'image-gone', true],
    ['The AMI ID ami-0abc does not exist. Launching EC2 instance failed.', 'image-gone', true],
    ['AMI ami-0abc is pending, and cannot be run. Launching EC2 instance failed.', 'image-pending', false],
    [
      'We currently do not have sufficient m7g.large capacity in the Availability Zone you requested (eu-west-1a). Our system will be working on provisioning additional capacity.',
      'capacity',
      false,
    ],
    [
      'There is no Spot capacity available that matches your request. Launching EC2 instance failed.',
      'spot',
      false,
    ],
    ['Max spot instance count exceeded. Launching EC2 instance failed.', 'spot-quota', true],
    [
      'You have requested more vCPU capacity than your current vCPU limit of 4 allows for the instance bucket',
      'quota',
      true,
    ],
    ['20 instance(s) are already running. Launching EC2 instance failed.', 'quota', true],
    [
      'Your requested instance type (t9.micro) is not supported in your requested Availability Zone (eu-north-1c).',
      'instance-type',
      true,
    ],
    [
      "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI.",
      'architecture',
      true,
    ],
    ['The security group sg-0123 does not exist. Launching EC2 instance failed.', 'security-group', true],
    ['The key pair deploy does not exist. Launching EC2 instance failed.', 'key-pair', true],
    [
      'Value (SSMInstanceProfile) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name.',
      'instance-profile',
      false,
    ],
    ['Client.InternalError: Client error on launch.', 'volume-key', true],
    ["Volume of size 8GB is smaller than snapshot 'snap-1', expect size >= 30GB.", 'volume-size', true],
    ['Authentication Failure. Launching EC2 instance failed.', 'not-authorised', true],
    [
      'One or more target groups not found. Validating load balancer configuration failed.',
      'target-group-gone',
      true,
    ],
    [
      'Access denied when attempting to assume role arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling. Validating load balancer configuration failed.',
      'service-linked-role',
      false,
    ],
    ['Something AWS never said before.', 'other', false],
  ])('%s', (text, name, permanent) => {
    expect(launchFailure(text)).toMatchObject({ name, permanent });
  });

  it.each([
    [
      "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token e85e was abandoned: Lifecycle Action Completed with ABANDON Result",
      'abandoned',
    ],
    [
      "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token e85e was abandoned: Heartbeat Timeout",
      'timed-out',
    ],
    [
      'Could not scale to desired capacity because all remaining instances are protected from scale-in.',
      undefined,
    ],
  ])('hook: %s', (text, how) => {
    expect(hookFailure(text)).toBe(how);
  });
});
