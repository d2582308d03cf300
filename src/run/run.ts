import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { Inputs } from '../inputs/parse.ts';

/** Where the phases write. The entry decides how it looks; tests collect the lines. */
export interface Log {
  line(text: string): void;
  /** Shown only when the runner's debug logging is on. */
  debug(text: string): void;
  /** A warning in the log and an annotation on the run. */
  warning(text: string): void;
  /** From here on the value is shown as *** wherever it would appear. */
  secret(value: string): void;
  /** Everything that `work` writes is folded under `title`. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
}

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

/** One run of one command: what every phase gets. */
export interface Run {
  inputs: Inputs;
  aws: AwsAccess;
  log: Log;
  /** Aborted once when the job is cancelled; `signal.reason` is a DeployError with reason `cancelled`. */
  signal: AbortSignal;
  /** A private folder (0700) that is removed when the run ends, whatever happened. */
  temporaryDirectory: string;
  /** What the runner knows: commit, workspace, links. */
  github: GithubContext;
}

export interface GithubContext {
  /** The commit being deployed, 40 hex digits, or '' outside a repository. */
  sha: string;
  repository: string;
  runId: string;
  runUrl: string;
  actor: string;
  workspace: string;
}
