import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';

/** Who we are on AWS, found once and handed to every phase. */
export interface AwsAccess {
  region: string;
  accountId: string;
  partition: string;
  /** Configuration for every SDK client: region, credentials, retries, user agent. */
  clientConfiguration: {
    region: string;
    credentials: AwsCredentialIdentityProvider;
    maxAttempts: number;
    customUserAgent: string;
  };
  /** Fresh AWS_* variables for a child process; never put into process.env. */
  childEnvironment(): Promise<Record<string, string>>;
  /** AWS takes them no longer, whatever they say of their own end: a role is assumed anew for the next client. */
  forgetCredentials(): void;
}
