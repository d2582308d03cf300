import type { AwsErrorKind } from '../core/index.ts';
import { awsErrorKind, DeployError, errorText, isAwsError } from '../core/index.ts';

interface Explanation {
  message: (region: string) => string;
  next: string;
}

/** What to tell of the errors that are about who we are, what we may do, or where AWS is. */
const explanations: Partial<Record<AwsErrorKind, Explanation>> = {
  'no-credentials': {
    message: () => 'there are no AWS credentials',
    next: 'give role-to-assume and `permissions: id-token: write`, or put a step that configures credentials before this one',
  },
  expired: {
    message: () => 'the AWS credentials have expired',
    next: 'with role-to-assume this action renews its own; what a single run of Terraform takes has to fit into one session: give a longer role-duration-seconds, or ask for a longer session in the step that gets the credentials',
  },
  skewed: {
    message: () => "this machine's clock is not right: AWS takes its requests for too old or too new",
    next: "set the runner's clock, with NTP for instance: AWS allows a difference of five minutes",
  },
  'unknown-credentials': {
    message: (region) => `AWS does not know these credentials in ${region}`,
    next: 'see that the access key exists and is active, and that the region is enabled for the account',
  },
  denied: {
    message: () => 'the deploy role may not do what this step needs',
    next: 'allow the action that AWS names to the role: terraform/bootstrap gives the bundled root all that it needs, and the module rollout-policy what a root of yours needs for rollouts',
  },
  unreachable: {
    message: (region) => `AWS can not be reached in ${region}`,
    next: 'see that region is the code of a region that exists, and that this machine gets out, through HTTPS_PROXY where it needs a proxy',
  },
  proxy: {
    message: (region) => `the proxy does not let this job out to AWS in ${region}`,
    next: "see that the job's HTTPS_PROXY names the proxy, with user and password where it wants them, and that it lets through to AWS; what needs no proxy belongs into NO_PROXY",
  },
};

/** What only STS says. */
const regionDisabled: Explanation = {
  message: (region) => `STS is switched off in ${region} for this account`,
  next: 'let an administrator switch it on for the region (IAM, account settings, Security Token Service), or deploy to a region where it is on',
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
  const explanation = explanationOf(error);
  if (explanation === undefined) return undefined;
  return new DeployError({
    reason: 'credentials',
    message: explanation.message(region),
    next: explanation.next,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    cause: error,
  });
}

function explanationOf(error: Error): Explanation | undefined {
  if (isAwsError(error, 'RegionDisabled')) return regionDisabled;
  return explanations[awsErrorKind(error)];
}
