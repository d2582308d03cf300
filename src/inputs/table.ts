import { join, resolve } from 'node:path';
import { parseAllowDestroy } from './allow-destroy.ts';
import { parseBuildArguments } from './build-arguments.ts';
import { imageReference } from './image-reference.ts';
import {
  applicationName,
  bucketName,
  environmentName,
  externalId,
  lockTableName,
  regionName,
  repositoryPath,
  roleArn,
  sessionName,
  stageName,
  versionNumber,
  webAddress,
} from './names.ts';
import type { Parser } from './parsers.ts';
import {
  flag,
  listOrNone,
  named,
  oneOf,
  oneOfIfGiven,
  required,
  text,
  wholeNumber,
  wholeNumbers,
} from './parsers.ts';
import { parseSmokeTest } from './smoke-test.ts';
import { parseTerraformDirectory } from './terraform-directory.ts';
import { parseVariables } from './variables.ts';
import { parseWebhookUrl } from './webhook-url.ts';

/** One input of action.yml, or several that make one value. */
interface Input<N extends string, T> {
  /** Names, as action.yml has them, with their defaults; "" is "not given". The first one gives the value its name. */
  defaults: Record<N, string>;
  parse: Parser<T>;
}

function input<const N extends string, T>(defaults: Record<N, string>, parse: Parser<T>): Input<N, T> {
  return { defaults, parse };
}

const hour = 3600;
const day = 24 * hour;

/**
 * Every input in the order of action.yml, which says what each one is for. A test compares names and defaults: they
 * are here as well because an expression that gives "" in a workflow hides the default of action.yml. The keys are
 * the properties of `Inputs`; undefined means "not given". What inputs have to be to each other is in `rules.ts`.
 */
export const table = {
  command: input({ command: 'deploy' }, (reader, name, { commands }) => reader.choice(name, commands)),
  application: input({ application: '' }, required(applicationName)),
  environment: input({ environment: '' }, required(environmentName)),
  region: input({ region: 'eu-north-1' }, required(regionName)),
  /** Undefined: the credentials that the job has are used. */
  roleToAssume: input({ 'role-to-assume': '' }, named(roleArn)),
  roleSessionName: input({ 'role-session-name': '' }, named(sessionName)),
  /** Seconds; undefined for STS's own hour. */
  roleDurationSeconds: input({ 'role-duration-seconds': '' }, wholeNumber(900, 12 * hour)),
  roleExternalId: input({ 'role-external-id': '' }, named(externalId)),
  /** The role is assumed with the job's credentials, even where the job has an identity token. */
  roleChaining: input({ 'role-chaining': 'false' }, flag),
  /** Absolute path of the docker build context. */
  context: input({ context: '.' }, (reader, name, { workspace }) =>
    resolve(workspace, reader.text(name) ?? '.'),
  ),
  /** Absolute path of the Dockerfile. */
  dockerfile: input({ dockerfile: '' }, (reader, name, { workspace }) =>
    resolve(workspace, reader.text(name) ?? join(reader.text('context') ?? '.', 'Dockerfile')),
  ),
  /** NAME=value */
  buildArguments: input({ 'build-args': '' }, parseBuildArguments),
  /** A stage of the Dockerfile; undefined for the last one. */
  target: input({ target: '' }, named(stageName)),
  /** linux/amd64 or linux/arm64; undefined for what the environment's Terraform says. */
  platform: input({ platform: '' }, oneOfIfGiven<string>('linux/amd64', 'linux/arm64')),
  /** An image that exists, by tag, digest or full reference: deployed instead of building one. */
  image: input({ image: '' }, imageReference),
  /** An ECR repository, by name or URI; undefined for the one named as the application. */
  repository: input({ repository: '' }, named(repositoryPath)),
  /** Absolute path of the Terraform root; undefined for the bundled one. */
  terraformDirectory: input({ 'terraform-directory': '' }, parseTerraformDirectory),
  /** More variables for the root, by name. */
  terraformVariables: input({ 'terraform-variables': '' }, parseVariables),
  /** Addresses of resources and types that a plan may destroy, replace or move, although that loses something. */
  allowDestroy: input({ 'allow-destroy': '' }, parseAllowDestroy),
  /** The version that has to run; undefined for what is on the PATH, or else one that fits the root. */
  terraformVersion: input({ 'terraform-version': '' }, named(versionNumber)),
  /** Base URL of a mirror of the Terraform releases. */
  terraformMirror: input({ 'terraform-mirror': '' }, named(webAddress)),
  stateBucket: input({ 'state-bucket': '' }, named(bucketName)),
  /** A DynamoDB table; 'none' turns it off. */
  lockTable: input({ 'lock-table': '' }, named(lockTableName)),
  /** Seconds to wait for a held state lock. */
  lockTimeout: input({ 'lock-timeout': '300' }, wholeNumber(0, hour, 0)),
  minHealthyPercentage: input({ 'min-healthy-percentage': '' }, wholeNumber(0, 100)),
  maxHealthyPercentage: input({ 'max-healthy-percentage': '' }, wholeNumber(100, 200)),
  /** Seconds. */
  instanceWarmup: input({ 'instance-warmup': '' }, wholeNumber(0, 6 * hour)),
  /** Percentages of replaced instances. */
  checkpoints: input({ checkpoints: '' }, wholeNumbers(1, 100)),
  /** Seconds. */
  checkpointDelay: input({ 'checkpoint-delay': '' }, wholeNumber(0, 2 * day)),
  /** Undefined for the one that the environment's Terraform root is made for. */
  strategy: input({ strategy: '' }, oneOfIfGiven('rolling', 'blue-green')),
  /** Percentages of the requests; undefined for those of `blueGreenDefaults`, as the next ones. */
  trafficSteps: input({ 'traffic-steps': '' }, wholeNumbers(1, 100)),
  /** Seconds. */
  stepTime: input({ 'step-time': '' }, wholeNumber(0, day)),
  onInconclusive: input({ 'on-inconclusive': '' }, oneOfIfGiven('wait', 'proceed', 'roll-back')),
  /** A step, in percent. */
  pauseAt: input({ 'pause-at': '' }, wholeNumber(1, 99)),
  keepPrevious: input({ 'keep-previous': 'false' }, flag),
  incompatibleSchema: input({ 'incompatible-schema': 'false' }, flag),
  /** Seconds. */
  bakeTime: input({ 'bake-time': '' }, wholeNumber(0, 2 * day)),
  /** Names of CloudWatch alarms; undefined for those that the Terraform root names, [] for none. */
  alarms: input({ alarms: '' }, listOrNone({ most: 10, what: 'alarm names' })),
  autoRollback: input({ 'auto-rollback': 'true' }, flag),
  skipMatching: input({ 'skip-matching': 'true' }, flag),
  onActiveRefresh: input({ 'on-active-refresh': 'wait' }, oneOf('wait', 'adopt', 'replace', 'fail')),
  onCancel: input(
    { 'on-cancel': '' },
    (reader, name) =>
      oneOfIfGiven('rollback', 'leave')(reader, name) ??
      (reader.text('auto-rollback') === 'false' ? 'leave' : 'rollback'),
  ),
  /** Seconds for the whole rollout. */
  timeout: input({ timeout: '3600' }, wholeNumber(60, day, 0)),
  /** Seconds that a new instance may take before the verdict may condemn it. */
  unhealthyTimeout: input({ 'unhealthy-timeout': '' }, wholeNumber(30, hour)),
  smokeTest: input(
    { 'smoke-test-path': '', 'smoke-test-status': '', 'smoke-test-body': '', 'smoke-test-attempts': '' },
    parseSmokeTest,
  ),
  /** The launch template version to go back to. */
  templateVersion: input({ 'template-version': '' }, wholeNumber(1, 1_000_000_000)),
  /** `<application>-<environment>`, said once more before it is destroyed. */
  confirmDestroy: input({ 'confirm-destroy': '' }, text),
  /** With which `plan` writes a comment on the pull request, and the others tell GitHub of a deployment. */
  githubToken: input({ 'github-token': '' }, text),
  githubDeployments: input({ 'github-deployments': 'auto' }, oneOf('auto', 'on', 'off')),
  /** A secret. */
  webhookUrl: input({ 'webhook-url': '' }, parseWebhookUrl),
  /** Relative to the workspace. */
  summaryFile: input({ 'summary-file': '' }, text),
};

/** Every input, parsed and checked once. */
export type Inputs = { [P in keyof typeof table]: ReturnType<(typeof table)[P]['parse']> };

/** The name of an input in action.yml. */
export type InputName = {
  [P in keyof typeof table]: keyof (typeof table)[P]['defaults'];
}[keyof typeof table];

/** The default of each input by its name, in the order of action.yml. */
export const inputDefaults = Object.assign(
  {},
  ...Object.values(table).map(({ defaults }) => defaults),
) as Record<InputName, string>;
