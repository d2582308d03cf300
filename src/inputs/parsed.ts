import type { SmokeTestInput } from './smoke-test.ts';

/** Every input, parsed and checked once. action.yml is the source of names and defaults; undefined means "not given". */
export interface Inputs {
  command: 'deploy' | 'plan' | 'redeploy' | 'rollback' | 'status' | 'destroy';
  application: string;
  environment: 'dev' | 'staging' | 'prod';
  region: string;
  roleToAssume: string | undefined;
  /** Absolute path of the docker build context. */
  context: string;
  /** Absolute path of the Dockerfile. */
  dockerfile: string;
  /** NAME=value */
  buildArguments: string[];
  target: string | undefined;
  /** linux/amd64 or linux/arm64, or undefined for what the environment's Terraform says. */
  platform: string | undefined;
  /** Deploy this existing image (tag, digest or full reference) instead of building. */
  image: string | undefined;
  /** Absolute path of the Terraform root; undefined for the bundled one. */
  terraformDirectory: string | undefined;
  /** Extra variables for the root, by name. */
  terraformVariables: Record<string, unknown>;
  /** Pinned version to install when no fitting terraform is on the PATH. */
  terraformVersion: string;
  /** Base URL of a mirror of the Terraform releases. */
  terraformMirror: string | undefined;
  stateBucket: string | undefined;
  /** 'none' turns the table off. */
  lockTable: string | undefined;
  /** Seconds to wait for a held state lock. */
  lockTimeout: number;
  minHealthyPercentage: number | undefined;
  maxHealthyPercentage: number | undefined;
  instanceWarmup: number | undefined;
  checkpoints: number[] | undefined;
  checkpointDelay: number | undefined;
  bakeTime: number | undefined;
  alarms: string[] | undefined;
  autoRollback: boolean;
  skipMatching: boolean;
  onActiveRefresh: 'wait' | 'adopt' | 'replace' | 'fail';
  onCancel: 'rollback' | 'leave';
  /** Seconds for the whole rollout. */
  timeout: number;
  /** Seconds that a new instance may take before the verdict may condemn it. */
  unhealthyTimeout: number | undefined;
  smokeTest: SmokeTestInput | undefined;
  /** `rollback` goes back to this launch template version. */
  templateVersion: number | undefined;
  /** `destroy` wants `<application>-<environment>` here. */
  confirmDestroy: string | undefined;
  /** With which `plan` writes a comment on the pull request. */
  githubToken: string | undefined;
}
