import type { AwsErrorKind } from '../core/index.ts';
import { awsErrorKind, DeployError, errorText } from '../core/index.ts';

/** What to tell of the errors that are about who we are, what we may do, or where AWS is. */
const explanations: Partial<Record<AwsErrorKind, { message: (region: string) => string; next: string }>> = {
  'no-credentials': {
    message: () => 'there are no AWS credentials',
    next: 'give role-to-assume and `permissions: id-token: write`, or put a step that configures credentials before this one',
  },
  expired: {
    message: () => 'the AWS credentials have expired',
    next: 'give role-to-assume, with which this action renews them by itself, or ask for a longer session',
  },
  'unknown-credentials': {
    message: (region) => `AWS does not know these credentials in ${region}`,
    next: 'see that the access key exists and is active, and that the region is enabled for the account',
  },
  denied: {
    message: () => 'the deploy role may not do what this step needs',
    next: 'allow the action that AWS names to the role; docs/security.md lists everything that the role needs',
  },
  unreachable: {
    message: (region) => `AWS can not be reached in ${region}`,
    next: 'see that region is the code of a region that exists, and that this machine gets out',
  },
};

/**
 * The failure with reason `credentials` that an error of the AWS SDK means when it is about who we are, what we may do
 * or where AWS is.
 *
 * @param region code of the region that was called: "eu-north-1"
 * @returns undefined for every other error: what it means, only the phase that got it can know
 */
export function explainAwsError(error: unknown, region: string): DeployError | undefined {
  if (!(error instanceof Error)) return undefined;
  const explanation = explanations[awsErrorKind(error)];
  if (explanation === undefined) return undefined;
  return new DeployError({
    reason: 'credentials',
    message: explanation.message(region),
    next: explanation.next,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    cause: error,
  });
}
