import { DeployError } from '../core/index.ts';

/** What the errors of the AWS SDK have in common, as far as they have it. */
interface AwsErrorShape {
  name: string;
  message: string;
  code?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
}

const expired = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'ExpiredTokenError'];
const invalid = [
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthFailure',
  'MissingAuthenticationToken',
];
const denied = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'NotAuthorized'];
const unreachable = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH'];

/**
 * The failure that an error of the AWS SDK means when it is about who we are, what we may do or where AWS is.
 * @returns undefined for every other error: what it means, only the phase that got it can know
 */
export function explainAwsError(error: unknown, region: string): DeployError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message, code = '' } = error as AwsErrorShape;
  const failure = (details: { message: string; next: string }) =>
    new DeployError({
      reason: 'credentials',
      ...details,
      evidence: [{ label: 'what AWS said', text: `${name}: ${message}` }],
      cause: error,
    });
  if (name === 'CredentialsProviderError') {
    return failure({
      message: 'there are no AWS credentials',
      next: 'give role-to-assume and `permissions: id-token: write`, or put a step that configures credentials before this one',
    });
  }
  if (expired.includes(name)) {
    return failure({
      message: 'the AWS credentials have expired',
      next: 'give role-to-assume, with which this action renews them by itself, or ask for a longer session',
    });
  }
  if (invalid.includes(name)) {
    return failure({
      message: `AWS does not know these credentials in ${region}`,
      next: 'see that the access key exists and is active, and that the region is enabled for the account',
    });
  }
  if (denied.includes(name)) {
    return failure({
      message: 'the deploy role may not do what this step needs',
      next: 'allow the action that AWS names to the role; docs/security.md lists everything that the role needs',
    });
  }
  if (unreachable.includes(code)) {
    return failure({
      message: `AWS can not be reached in ${region}`,
      next: 'see that region is the code of a region that exists, and that this machine gets out',
    });
  }
  return undefined;
}
