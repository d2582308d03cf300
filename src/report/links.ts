import type { RunRecord } from './record.ts';

/** Where a person looks on in the AWS console, for what the run came to know; not where another endpoint stands for AWS. */
export function consoleLinks(
  { region, outputs }: RunRecord,
  environment: NodeJS.ProcessEnv = process.env,
): { label: string; address: string }[] {
  const endpoints = [environment.AWS_ENDPOINT_URL, environment.AWS_ENDPOINT_URL_AUTO_SCALING];
  if (outputs === undefined || endpoints.some((one) => (one ?? '') !== '')) return [];
  const console = `https://${region}.${consoleHost(region)}/ec2/home?region=${region}`;
  const group = encodeURIComponent(outputs.autoscalingGroupName);
  return [
    {
      label: 'Auto Scaling group',
      address: `${console}#AutoScalingGroupDetails:id=${group};view=instanceRefresh`,
    },
    {
      label: 'launch template',
      address: `${console}#LaunchTemplateDetails:launchTemplateId=${outputs.launchTemplateId}`,
    },
  ];
}

/** GovCloud and China have consoles of their own. */
function consoleHost(region: string): string {
  if (region.startsWith('us-gov-')) return 'console.amazonaws-us-gov.com';
  if (region.startsWith('cn-')) return 'console.amazonaws.cn';
  return 'console.aws.amazon.com';
}
