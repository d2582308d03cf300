import { isAbsolute, join, resolve } from 'node:path';
import {
  applicationName,
  bucketName,
  imageName,
  lockTableName,
  regionName,
  roleArn,
  stageName,
  versionNumber,
  webAddress,
} from './names.ts';
import type { NameRule } from './names.ts';
import type { Inputs } from './parsed.ts';
import { InputReader } from './reader.ts';
import { checkCommand } from './command-rules.ts';
import { checkRollout } from './rollout-rules.ts';
import { parseSmokeTest } from './smoke-test.ts';
import { nearest } from '../core/index.ts';
import { parseVariables } from './variables.ts';

export type { Inputs } from './parsed.ts';

/**
 * Every input and its default, as action.yml says them (a test compares the two). They are here as well
 * because an expression that gives "" in a workflow hides the default of action.yml.
 */
export const inputDefaults = {
  command: 'deploy',
  application: '',
  environment: '',
  region: 'eu-north-1',
  'role-to-assume': '',
  context: '.',
  dockerfile: '',
  'build-args': '',
  target: '',
  platform: '',
  image: '',
  'terraform-directory': '',
  'terraform-variables': '',
  'terraform-version': '1.11.4',
  'terraform-mirror': '',
  'state-bucket': '',
  'lock-table': '',
  'lock-timeout': '300',
  'min-healthy-percentage': '',
  'max-healthy-percentage': '',
  'instance-warmup': '',
  checkpoints: '',
  'checkpoint-delay': '',
  'bake-time': '',
  alarms: '',
  'auto-rollback': 'true',
  'skip-matching': 'true',
  'on-active-refresh': 'wait',
  'on-cancel': '',
  timeout: '3600',
  'unhealthy-timeout': '',
  'smoke-test-path': '',
  'smoke-test-status': '',
  'smoke-test-body': '',
  'smoke-test-attempts': '',
  'template-version': '',
  'confirm-destroy': '',
  'github-token': '',
} as const;

export const inputNames = Object.keys(inputDefaults) as (keyof typeof inputDefaults)[];

/** What `parseInputs` asks of the world around the inputs. */
export interface InputSurroundings {
  /** Absolute; relative paths start here. */
  workspace: string;
  /** The names that were given, known or not: `INPUT_*` in lower case without the prefix. */
  given: readonly string[];
  kind: (path: string) => 'file' | 'directory' | undefined;
}

/**
 * Turns what a workflow says into what the phases use, without touching anything.
 *
 * @param read gives an input's text by its kebab-case name, "" when it was not given
 * @throws DeployError `input-invalid` that names every problem at once
 */
export function parseInputs(read: (name: string) => string, surroundings: InputSurroundings): Inputs {
  const reader = new InputReader((name) => {
    const given = read(name);
    return given.trim() === '' ? inputDefaults[name as keyof typeof inputDefaults] : given;
  });
  refuseUnknown(reader, surroundings.given);
  const inputs: Inputs = {
    ...parseWhat(reader),
    ...parseImage(reader, surroundings),
    ...parseTerraform(reader, surroundings),
    ...parseRollout(reader),
  };
  checkBuild(reader, inputs, surroundings);
  checkCommand(reader, inputs);
  checkRollout(reader, inputs);
  reader.throwIfAny();
  return inputs;
}

function refuseUnknown(reader: InputReader, given: readonly string[]): void {
  const known: readonly string[] = inputNames;
  for (const name of given.filter((one) => !known.includes(one))) {
    const meant = nearest(name, known);
    const advice = meant === undefined ? 'see the list of inputs in action.yml' : `did you mean ${meant}?`;
    reader.problems.push({ input: name, text: `${name} is not an input of this action; ${advice}` });
  }
}

function named(reader: InputReader, input: string, rule: NameRule): string | undefined {
  return reader.matching(input, rule.pattern, rule.advice);
}

function parseWhat(reader: InputReader) {
  reader.required('application', applicationName.advice);
  return {
    command: reader.choice('command', ['deploy', 'plan', 'redeploy', 'rollback', 'status', 'destroy']),
    application: named(reader, 'application', applicationName) ?? '',
    environment: reader.choice('environment', ['dev', 'staging', 'prod']),
    region: named(reader, 'region', regionName) ?? '',
    roleToAssume: named(reader, 'role-to-assume', roleArn),
    templateVersion: reader.wholeNumber('template-version', 1, 1_000_000_000),
    confirmDestroy: reader.text('confirm-destroy'),
    githubToken: reader.text('github-token'),
  };
}

function parseImage(reader: InputReader, { workspace }: InputSurroundings) {
  const context = resolve(workspace, reader.text('context') ?? '.');
  const dockerfile = reader.text('dockerfile');
  return {
    context,
    dockerfile: dockerfile === undefined ? join(context, 'Dockerfile') : resolve(workspace, dockerfile),
    buildArguments: parseBuildArguments(reader),
    target: named(reader, 'target', stageName),
    platform: reader.optionalChoice('platform', ['linux/amd64', 'linux/arm64']),
    image: named(reader, 'image', imageName),
  };
}

/** Values of build arguments end up in the image's history: they are no place for secrets, yet are not shown. */
function parseBuildArguments(reader: InputReader): string[] {
  const lines = reader.lines('build-args');
  const names = lines.map((line) => /^([A-Za-z_]\w*)=/.exec(line)?.[1]);
  const malformed = names.findIndex((name) => name === undefined);
  if (malformed >= 0) {
    reader.refuse('build-args', undefined, `give one NAME=value a line (line ${malformed + 1} is not one)`);
  }
  const twice = names.find((name, index) => name !== undefined && names.indexOf(name) < index);
  if (twice !== undefined) reader.refuse('build-args', undefined, `give ${twice} once`);
  return lines;
}

function parseTerraform(reader: InputReader, { workspace, kind }: InputSurroundings) {
  const directory = reader.text('terraform-directory');
  const terraformDirectory = directory === undefined ? undefined : resolve(workspace, directory);
  if (terraformDirectory !== undefined && kind(terraformDirectory) !== 'directory') {
    reader.refuse(
      'terraform-directory',
      directory,
      `give a folder with Terraform files (there is none at ${terraformDirectory})`,
    );
  }
  return {
    terraformDirectory,
    terraformVariables: parseVariables(reader, 'terraform-variables'),
    terraformVersion: named(reader, 'terraform-version', versionNumber) ?? '',
    terraformMirror: named(reader, 'terraform-mirror', webAddress),
    stateBucket: named(reader, 'state-bucket', bucketName),
    lockTable: named(reader, 'lock-table', lockTableName),
    lockTimeout: reader.wholeNumber('lock-timeout', 0, 3600) ?? 0,
  };
}

const twoDays = 172_800;

function parseRollout(reader: InputReader) {
  const autoRollback = reader.boolean('auto-rollback');
  return {
    minHealthyPercentage: reader.wholeNumber('min-healthy-percentage', 0, 100),
    maxHealthyPercentage: reader.wholeNumber('max-healthy-percentage', 100, 200),
    instanceWarmup: reader.wholeNumber('instance-warmup', 0, 21_600),
    checkpoints: reader.wholeNumbers('checkpoints', 1, 100),
    checkpointDelay: reader.wholeNumber('checkpoint-delay', 0, twoDays),
    bakeTime: reader.wholeNumber('bake-time', 0, twoDays),
    alarms: reader.list('alarms'),
    autoRollback,
    skipMatching: reader.boolean('skip-matching'),
    onActiveRefresh: reader.choice('on-active-refresh', ['wait', 'adopt', 'replace', 'fail']),
    onCancel:
      reader.optionalChoice('on-cancel', ['rollback', 'leave']) ?? (autoRollback ? 'rollback' : 'leave'),
    timeout: reader.wholeNumber('timeout', 60, 86_400) ?? 0,
    unhealthyTimeout: reader.wholeNumber('unhealthy-timeout', 30, 3600),
    smokeTest: parseSmokeTest(reader),
  };
}

/** What only a build needs is asked for only when there will be one. */
function checkBuild(reader: InputReader, inputs: Inputs, { kind, workspace }: InputSurroundings): void {
  if (inputs.command !== 'deploy' || inputs.image !== undefined) return;
  const shown = (input: string, path: string) => reader.text(input) ?? relativeTo(workspace, path);
  if (kind(inputs.context) !== 'directory') {
    reader.refuse(
      'context',
      shown('context', inputs.context),
      `give the folder to build (there is none at ${inputs.context})`,
    );
  } else if (kind(inputs.dockerfile) !== 'file') {
    const where = shown('dockerfile', inputs.dockerfile);
    reader.refuse(
      'dockerfile',
      where,
      `give the path of a Dockerfile (there is none at ${inputs.dockerfile})`,
    );
  }
}

function relativeTo(workspace: string, path: string): string {
  const start = `${workspace}/`;
  return isAbsolute(path) && path.startsWith(start) ? path.slice(start.length) : path;
}
