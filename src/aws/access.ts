import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { Agent } from 'node:http';

/** Who we are on AWS, found once and handed to every phase. */
export interface AwsAccess {
  region: string;
  accountId: string;
  partition: string;
  /** Configuration for every SDK client: region, credentials, retries, user agent, and the agent that knows the job's proxy. */
  clientConfiguration: {
    region: string;
    credentials: AwsCredentialIdentityProvider;
    maxAttempts: number;
    customUserAgent: string;
    requestHandler?: { httpAgent: Agent; httpsAgent: Agent };
  };
  /** Fresh AWS_* variables for a child process; never put into process.env. */
  childEnvironment(): Promise<Record<string, string>>;
  /** AWS takes them no longer, whatever they say of their own end: a role is assumed anew for the next client. */
  forgetCredentials(): void;
}
