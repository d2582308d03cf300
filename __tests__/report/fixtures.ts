/** A run that went well, and one that failed, for the tests of what is told of them. */
import { DeployError } from '../../src/core/errors.ts';
import type { RunRecord } from '../../src/report/record.ts';

export const digest = `sha256:9f3c1a2b${'0'.repeat(56)}`;
export const image = {
  repository: '123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop',
  digest,
  tag: 'v1',
  reference: `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@${digest}`,
  built: true,
};
export const outputs = {
  autoscalingGroupName: 'shop-prod',
  launchTemplateId: 'lt-1',
  launchTemplateVersion: 42,
  targetGroupArns: [],
  url: 'http://shop.example',
  repositoryUrl: image.repository,
  alarmNames: [],
  all: { url: 'http://shop.example', launch_template_version: 42 },
};
export const rollout = {
  status: 'successful' as const,
  instanceRefreshId: 'refresh-1',
  templateVersion: 42,
  previousTemplateVersion: 41,
  instancesBefore: ['i-1', 'i-2'],
  instancesAfter: ['i-3', 'i-4'],
  estimate: { seconds: 200, mostly: '2 min are warmup' },
  seconds: 190,
};
export const asked = {
  command: 'deploy',
  application: 'shop',
  environment: 'prod',
  region: 'eu-north-1',
  started: 1000,
};
export const whole: Partial<RunRecord> = {
  ...asked,
  image,
  outputs,
  rollout,
  applied: true,
  conclusion: { status: 'deployed', sentence: 'Deployed.' },
  commit: '4e1a2b7'.padEnd(40, '0'),
};
export const failure = new DeployError({
  reason: 'boot-failed',
  message: 'the new version does not start',
  evidence: [
    { label: 'what the container said', text: 'Error: no DATABASE_URL\n  at start' },
    { label: 'what AWS said', text: 'Target.FailedHealthChecks' },
  ],
  left: 'All 2 instances run version 41.',
  next: 'add it to Parameter Store, then run this job again',
});
