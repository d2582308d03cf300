import type { Diagnostic } from './events.ts';

/** A quota of the account, as Service Quotas knows it. */
interface Quota {
  /** What AWS answers when it is used up. */
  text: RegExp;
  what: string;
  service: string;
  code: string;
}

/** Error codes: each service's API reference. Codes of quotas: `aws service-quotas list-aws-default-service-quotas`. */
const quotas: readonly Quota[] = [
  { text: /\bVpcLimitExceeded\b/, what: 'VPCs per region', service: 'vpc', code: 'L-F678F1CE' },
  { text: /\bAddressLimitExceeded\b/, what: 'elastic IPs per region', service: 'ec2', code: 'L-0263D0A3' },
  {
    text: /\bNatGatewayLimitExceeded\b/,
    what: 'NAT gateways per Availability Zone',
    service: 'vpc',
    code: 'L-FE5A380F',
  },
  {
    text: /\bInternetGatewayLimitExceeded\b/,
    what: 'internet gateways per region',
    service: 'vpc',
    code: 'L-A4707A72',
  },
  {
    text: /\bTooManyLoadBalancers\b/,
    what: 'Application Load Balancers per region',
    service: 'elasticloadbalancing',
    code: 'L-53DA6B97',
  },
  {
    text: /\bTooManyTargetGroups\b/,
    what: 'target groups per region',
    service: 'elasticloadbalancing',
    code: 'L-B22855CB',
  },
  { text: /\bInstanceQuotaExceeded\b/, what: 'DB instances', service: 'rds', code: 'L-7B6409FD' },
];

/**
 * What to do about a quota that an apply has used up; undefined where none is.
 *
 * @param region in which the quota is to be raised
 */
export function quotaAdvice(errors: readonly Diagnostic[], region: string): string | undefined {
  const text = errors.map(({ summary, detail = '' }) => `${summary}\n${detail}`).join('\n');
  const used = quotas.filter((quota) => quota.text.test(text));
  if (used.length === 0) return undefined;
  const commands = used.map(
    ({ what, service, code }) =>
      `${what} (${code}): aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} --desired-value <how many>`,
  );
  return `take away what is no longer used in ${region}, or have the quota raised, then run this job again, which goes on from there: ${commands.join('; ')}`;
}
