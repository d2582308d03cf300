import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { commands } from '../../src/commands/registry.ts';
import { misspeltInputs, parseInputs } from '../../src/inputs/parse.ts';

const workspace = '/home/runner/shop';
const tree: Record<string, 'file' | 'directory'> = {
  [workspace]: 'directory',
  [`${workspace}/Dockerfile`]: 'file',
  [`${workspace}/api`]: 'directory',
  [`${workspace}/api/Dockerfile`]: 'file',
  [`${workspace}/infrastructure`]: 'directory',
};
const fewest = { application: 'shop', environment: 'prod' };

function parseGiven(given: Record<string, string>) {
  const all: Record<string, string> = { ...fewest, ...given };
  return parseInputs((name) => all[name] ?? '', {
    workspace,
    commands,
    kind: (path) => tree[path],
  });
}

/** Of a job that is over, which has cleaned up behind itself. */
function parseAfterwards(given: Record<string, string>) {
  const all: Record<string, string> = { ...fewest, ...given };
  return parseInputs((name) => all[name] ?? '', {
    ...{ workspace, commands, filesGone: true },
    kind: () => undefined,
    job: { TF_CLI_CONFIG_FILE: '/gone/terraform.rc' },
  });
}

function failureOf(given: Record<string, string>): DeployError {
  try {
    parseGiven(given);
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
  throw new Error(`nothing was refused in ${JSON.stringify(given)}`);
}

describe('parseInputs', () => {
  it.each<Record<string, string>>([{ command: 'deploy' }, { 'terraform-directory': 'infrastructure' }])(
    'asks for no files when the job is over: %j',
    (given) => {
      expect(parseAfterwards(given)).toMatchObject({ application: 'shop', environment: 'prod' });
      expect(() => parseAfterwards({ ...given, region: 'Stockholm' })).toThrow(/region/);
    },
  );

  it('needs an application and an environment, and knows the rest', () => {
    expect(parseGiven({})).toEqual({
      command: 'deploy',
      application: 'shop',
      environment: 'prod',
      region: 'eu-north-1',
      context: workspace,
      dockerfile: `${workspace}/Dockerfile`,
      buildArguments: [],
      terraformVariables: {},
      allowDestroy: [],
      terraformVersion: undefined,
      lockTimeout: 300,
      roleChaining: false,
      autoRollback: true,
      skipMatching: true,
      keepPrevious: false,
      incompatibleSchema: false,
      onActiveRefresh: 'wait',
      onCancel: 'rollback',
      githubDeployments: 'auto',
      timeout: 3600,
    });
  });

  it('reads every input', () => {
    const inputs = parseGiven({
      command: 'deploy',
      region: 'us-gov-west-1',
      'role-to-assume': 'arn:aws-us-gov:iam::123456789012:role/ci/shop-deploy',
      'role-session-name': 'shop@1',
      'role-duration-seconds': '43200',
      'role-external-id': 'shop:1/2',
      'role-chaining': 'true',
      context: 'api',
      'build-args': 'NODE_ENV=production\n\n  EMPTY=\nWITH_EQUALS=a=b, c\n',
      target: 'runtime',
      platform: 'linux/arm64',
      'terraform-directory': 'infrastructure',
      'terraform-variables': 'minimum = 3\nname=a = b\ntags = {"team": "shop"}\ndatabase = null',
      'state-bucket': 'shop.state-1',
      'lock-table': 'none',
      'lock-timeout': '0',
      'min-healthy-percentage': '0',
      'max-healthy-percentage': '100',
      'instance-warmup': ' 60 ',
      checkpoints: '20, 50\n100',
      'checkpoint-delay': '0',
      'bake-time': '3600',
      alarms: 'shop errors, shop-latency',
      'auto-rollback': 'false',
      'skip-matching': 'false',
      'on-active-refresh': 'adopt',
      timeout: '3601',
      'unhealthy-timeout': '30',
      'smoke-test-path': '/healthz?deep=1',
      'smoke-test-status': '200-204, 302',
      'smoke-test-body': ' "ok" ',
      'smoke-test-attempts': '1',
    });
    expect(inputs).toMatchObject({
      roleSessionName: 'shop@1',
      roleDurationSeconds: 43_200,
      roleExternalId: 'shop:1/2',
      roleChaining: true,
      context: `${workspace}/api`,
      dockerfile: `${workspace}/api/Dockerfile`,
      buildArguments: ['NODE_ENV=production', 'EMPTY=', 'WITH_EQUALS=a=b, c'],
      platform: 'linux/arm64',
      terraformDirectory: `${workspace}/infrastructure`,
      terraformVariables: { minimum: '3', name: 'a = b', tags: { team: 'shop' }, database: null },
      lockTable: 'none',
      lockTimeout: 0,
      minHealthyPercentage: 0,
      maxHealthyPercentage: 100,
      instanceWarmup: 60,
      checkpoints: [20, 50, 100],
      checkpointDelay: 0,
      bakeTime: 3600,
      alarms: ['shop errors', 'shop-latency'],
      autoRollback: false,
      onCancel: 'leave',
      unhealthyTimeout: 30,
      smokeTest: {
        path: '/healthz?deep=1',
        statuses: [
          [200, 204],
          [302, 302],
        ],
        body: '"ok"',
        attempts: 1,
      },
      templateVersion: undefined,
      confirmDestroy: undefined,
    });
  });

  it('takes "" and spaces for "not given", also where action.yml has a default', () => {
    expect(parseGiven({ region: '', 'auto-rollback': ' ', timeout: '\n', image: '' })).toEqual(
      parseGiven({}),
    );
  });

  it.each<[string, Record<string, string>, object]>([
    [
      'steps of the traffic without a strategy, which the root says',
      { 'traffic-steps': '5, 25\n50, 100', 'step-time': '0', 'pause-at': '25', 'keep-previous': 'true' },
      { trafficSteps: [5, 25, 50, 100], stepTime: 0, pauseAt: 25, keepPrevious: true, strategy: undefined },
    ],
    [
      'a pause at a step that nobody named',
      { strategy: 'blue-green', 'pause-at': '25', 'on-inconclusive': 'roll-back' },
      { strategy: 'blue-green', pauseAt: 25, trafficSteps: undefined, onInconclusive: 'roll-back' },
    ],
    [
      'a pause of a rolling rollout, at a checkpoint of its own',
      { 'pause-at': '20', 'checkpoint-delay': '60' },
      { pauseAt: 20, checkpoints: undefined, checkpointDelay: 60 },
    ],
    [
      'a pause at a checkpoint, where nothing waits unless told',
      { strategy: 'rolling', checkpoints: '20, 50, 100', 'pause-at': '20' },
      { pauseAt: 20, checkpoints: [20, 50, 100], checkpointDelay: undefined },
    ],
    [
      'a pause, behind which the steps take no time of this job',
      { 'step-time': '1800', 'pause-at': '5' },
      { stepTime: 1800, pauseAt: 5 },
    ],
    [
      'a schema that versions can not share where they never meet',
      { 'incompatible-schema': 'true', 'min-healthy-percentage': '0', 'max-healthy-percentage': '100' },
      { incompatibleSchema: true, minHealthyPercentage: 0 },
    ],
    [
      'keep-previous with its default for each strategy',
      { strategy: 'rolling', 'keep-previous': 'false' },
      {},
    ],
  ])('takes %s', (_what, given, expected) => {
    expect(parseGiven(given)).toMatchObject(expected);
  });

  it('takes none for no alarms, which is not the same as not given', () => {
    expect(parseGiven({ alarms: 'none' }).alarms).toEqual([]);
    expect(parseGiven({}).alarms).toBeUndefined();
  });

  it.each(['internals', 'shop-aws', 'assm', 'sgs'])('takes the application %s', (application) => {
    expect(parseGiven({ application }).application).toBe(application);
  });

  it.each([
    ['a tag', '4e1a2b7'],
    ['a digest', `sha256:${'a'.repeat(64)}`],
    ['a reference', `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:v1@sha256:${'a'.repeat(64)}`],
    ['a reference with a port', '127.0.0.1:5000/team/shop:v1'],
  ])('takes %s for an image, and then needs no Dockerfile', (_what, image) => {
    expect(parseGiven({ image, context: 'nowhere' }).image).toBe(image);
  });
});

it('China is refused where the bundled root would be planned, and nowhere else', () => {
  const region = 'cn-north-1';
  expect(failureOf({ region }).message).toMatch(
    /^region is "cn-north-1"; give a region outside of China \(aws-cn\)/,
  );
  const others: Record<string, string>[] = [
    { 'terraform-directory': 'infrastructure' },
    { command: 'status' },
    { command: 'rollback' },
  ];
  for (const given of others) expect(parseGiven({ region, ...given }).region).toBe(region);
});

it.each(['dev', 'staging', 'prod', 'qa', 'preview7', 'production'])('%s is an environment', (environment) => {
  expect(parseGiven({ environment }).environment).toBe(environment);
});

const tooLong = 'a'.repeat(21);
const refusals: [input: string, value: string, text: RegExp][] = [
  ['application', '', /^application is empty; give 2 to 20 lower-case letters/],
  ['application', 'Shop', /^application is "Shop"; give 2 to 20 lower-case letters/],
  ['application', 'my_shop', /give 2 to 20/],
  ['application', 'my--shop', /single hyphens/],
  ['application', 'shop-', /give 2 to 20/],
  ['application', '1shop', /begin with a letter/],
  ['application', 'internal-shop', /not with "internal", "sg-", "aws" or "ssm"/],
  ['application', 'sg-shop', /not with "internal", "sg-", "aws" or "ssm"/],
  ['application', 'sg', /not with "internal", "sg-", "aws" or "ssm"/],
  ['application', 'internal', /^application is "internal"; .* which AWS keeps for itself/],
  ['application', 'aws-shop', /not with "internal", "sg-", "aws" or "ssm"/],
  ['application', 'ssmtool', /not with "internal", "sg-", "aws" or "ssm"/],
  ['application', 's', /give 2 to 20/],
  ['application', tooLong, /give 2 to 20/],
  [
    'environment',
    '',
    /^environment is empty; give dev, staging, prod or a name of your own: 2 to 10 lower-case/,
  ],
  ['environment', 'pre-live', /^environment is "pre-live"; give dev, staging, prod or a name of your own/],
  ['environment', 'productions', /2 to 10/],
  ['environment', 'Prod', /lower-case letters and digits/],
  ['environment', 'q', /2 to 10/],
  ['environment', '2nd', /begin with a letter/],
  ['environment', 'bootstrap', /and not "bootstrap"/],
  ['command', 'depoly', /^command is "depoly"; give deploy, plan, .* or destroy \(did you mean deploy\?\)/],
  ['command', 'x', /^command is "x"; give deploy, .* or destroy$/],
  ['region', 'Stockholm', /^region is "Stockholm"; give the code of an AWS region, like eu-north-1/],
  ['region', 'eu-north-1a', /eu-north-1/],
  ['role-to-assume', 'shop-deploy', /give the ARN of an IAM role/],
  [
    'context',
    'web',
    /^context is "web"; give the folder to build \(there is none at \/home\/runner\/shop\/web\)/,
  ],
  [
    'dockerfile',
    'Dokcerfile',
    /^dockerfile is "Dokcerfile"; give the path of a Dockerfile \(there is none at/,
  ],
  ['build-args', 'NODE_ENV', /^build-args is not usable; give one NAME=value a line \(line 1 is not one\)/],
  ['build-args', 'A=1\nA=2', /give A once/],
  ['target', 'a b', /name of a stage/],
  ['platform', 'linux/amd46', /give linux\/amd64 or linux\/arm64 \(did you mean linux\/amd64\?\)/],
  ['image', 'shop:', /give a tag, a digest/],
  ['image', 'registry.example/shop@sha256:abc', /give a tag, a digest/],
  ['terraform-directory', 'terrafrom', /give a folder with Terraform files \(there is none at/],
  ['terraform-variables', 'colour', /in HCL or JSON \(line 1, column 1: this is no name = value\)/],
  ['terraform-variables', '{"a": 1', /give a JSON object/],
  ['terraform-variables', 'a = 1\nb = {"c": ', /\(line 2, column 5: the value of b is not whole/],
  ['terraform-variables', 'a = 1\na = 2', /give a once/],
  ['terraform-variables', 'image = x', /leave out image: the action gives it/],
  ['terraform-version', 'latest', /three numbers/],
  ['terraform-mirror', 'releases.example', /begins with https:/],
  ['terraform-mirror', 'https://user:secret@releases.example', /no password/],
  ['state-bucket', 'My_Bucket', /S3 bucket name/],
  ['state-bucket', '10.0.0.1', /S3 bucket name/],
  ['state-bucket', 'a..b', /S3 bucket name/],
  ['lock-table', 'ab', /DynamoDB table name/],
  ['lock-table', 'None', /DynamoDB table name .* or none/],
  ['alarms', 'None', /^alarms is "None"; give none in small letters, or alarm names/],
  ['lock-timeout', '5m', /^lock-timeout is "5m"; give a whole number from 0 to 3600/],
  ['min-healthy-percentage', '9O', /^min-healthy-percentage is "9O"; give a whole number from 0 to 100$/],
  ['min-healthy-percentage', '101', /from 0 to 100/],
  ['min-healthy-percentage', '-1', /from 0 to 100/],
  ['min-healthy-percentage', '9.5', /from 0 to 100/],
  ['max-healthy-percentage', '99', /from 100 to 200/],
  ['max-healthy-percentage', '110', /give min-healthy-percentage as well/],
  ['min-healthy-percentage', '100', /give max-healthy-percentage as well .* none can be replaced/],
  ['instance-warmup', '1e3', /whole number/],
  ['checkpoints', '20, many, 100', /^checkpoints is "many"; give a whole number from 1 to 100/],
  ['checkpoints', '50, 20, 100', /^checkpoints is "50, 20, 100"; give percentages that rise/],
  ['checkpoints', '50, 50, 100', /rise/],
  ['checkpoints', '0, 50', /^checkpoints is "0"; give a whole number from 1 to 100/],
  [
    'checkpoints',
    '20, 50',
    /^checkpoints is "20, 50"; end the list with 100, or give 50 alone to stop there/,
  ],
  [
    'checkpoints',
    '50, 100',
    /^timeout is "3600"; give more than the rollout pauses, which is 1 × 3600 s at checkpoints \(AWS's own delay\)/,
  ],
  ['checkpoint-delay', '60', /^checkpoint-delay is "60"; give checkpoints as well/],
  [
    'strategy',
    'bluegreen',
    /^strategy is "bluegreen"; give rolling or blue-green \(did you mean blue-green\?\)$/,
  ],
  ['traffic-steps', '5, 25', /^traffic-steps is "5, 25"; end the list with 100/],
  ['traffic-steps', '25, 5, 100', /^traffic-steps is "25, 5, 100"; give percentages that rise/],
  ['traffic-steps', '5, 5, 100', /rise/],
  ['traffic-steps', '0, 100', /^traffic-steps is "0"; give a whole number from 1 to 100/],
  ['traffic-steps', '5 %, 100', /^traffic-steps is "5 %"; give a whole number/],
  ['step-time', '86401', /from 0 to 86400/],
  [
    'step-time',
    '1800',
    /^timeout is "3600"; give more than the rollout pauses, which is 2 × 1800 s at traffic-steps, or/,
  ],
  ['on-inconclusive', 'rollback', /^on-inconclusive is "rollback"; .*did you mean roll-back\?/],
  ['pause-at', '100', /^pause-at is "100"; give a whole number from 1 to 99/],
  ['keep-previous', 'yes', /give true or false/],
  ['bake-time', '172801', /from 0 to 172800/],
  ['alarms', 'abcdefghijk'.split('').join(','), /at most 10/],
  ['alarms', 'none, shop-errors', /^alarms is "none, shop-errors"; give none alone, or alarm names/],
  ['auto-rollback', 'yes', /^auto-rollback is "yes"; give true or false$/],
  ['skip-matching', 'True', /give true or false/],
  ['on-active-refresh', 'queue', /give wait, adopt, replace or fail/],
  ['on-cancel', 'rolback', /did you mean rollback\?/],
  ['timeout', '59', /from 60 to 86400/],
  ['unhealthy-timeout', '3600', /give less than timeout, which is 3600/],
  [
    'bake-time',
    '3600',
    /^timeout is "3600"; give more than the rollout pauses, which is 3600 s of bake-time/,
  ],
  ['smoke-test-path', 'healthz', /begins with one \//],
  ['smoke-test-path', '//example.com/', /begins with one \//],
  ['smoke-test-path', '/\\example.com/', /begins with one \//],
  ['smoke-test-status', '200', /^smoke-test-status is "200"; give smoke-test-path as well, or leave it out/],
  ['smoke-test-body', 'ok', /^smoke-test-body is "ok"; give smoke-test-path as well/],
  ['smoke-test-attempts', '3', /^smoke-test-attempts is "3"; give smoke-test-path as well/],
  ['smoke-test-attempts', '0', /^smoke-test-attempts is "0"; give a whole number from 1 to 60/],
  ['template-version', '41', /^template-version is "41"; leave it out: only rollback takes it/],
  ['template-version', 'v41', /give a whole number/],
  ['confirm-destroy', 'shop-prod', /only destroy takes it/],
  ['role-session-name', 'shop deploy', /^role-session-name is "shop deploy"; give 2 to 64 letters/],
  ['role-duration-seconds', '899', /^role-duration-seconds is "899"; give a whole number from 900 to 43200/],
  ['role-duration-seconds', '43201', /give a whole number from 900 to 43200/],
  ['role-external-id', 'x', /^role-external-id is "x"; give the external id/],
  ['role-session-name', 'shop', /^role-session-name is "shop"; give role-to-assume as well, or leave it out/],
  ['role-duration-seconds', '7200', /^role-duration-seconds is "7200"; give role-to-assume as well/],
  ['role-external-id', 'shop', /^role-external-id is "shop"; give role-to-assume as well/],
  ['role-chaining', 'true', /^role-chaining is "true"; give role-to-assume as well/],
  ['role-to-assume', 'arn:aws-cn:iam::123456789012:role/x', /give a role of the partition aws, in which/],
];

describe('parseInputs refuses', () => {
  it.each(refusals)('%s %j', (input, value, text) => {
    const failure = failureOf({ [input]: value });
    expect(failure.message).toMatch(text);
    expect(failure).toMatchObject({ reason: 'input-invalid', left: 'Nothing was touched.', evidence: [] });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'more than 100 between the percentages',
      { 'min-healthy-percentage': '50', 'max-healthy-percentage': '151' },
      /^max-healthy-percentage is "151"; give at most 150/,
    ],
    [
      'a rollback that is off',
      { 'auto-rollback': 'false', 'on-cancel': 'rollback' },
      /^on-cancel is "rollback"; give leave/,
    ],
    [
      'steps of the traffic for instance by instance',
      { strategy: 'rolling', 'traffic-steps': '5, 100' },
      /^traffic-steps is "5, 100"; leave it out: it is for blue-green, and strategy is rolling$/,
    ],
    [
      'a fleet that is kept where there is one only',
      { strategy: 'rolling', 'keep-previous': 'true' },
      /^keep-previous is "true"; leave it out: it is for blue-green/,
    ],
    [
      'what to do without a judgement where nothing is judged',
      { strategy: 'rolling', 'on-inconclusive': 'wait' },
      /^on-inconclusive is "wait"; leave it out/,
    ],
    [
      'checkpoints where no instance is replaced',
      { strategy: 'blue-green', checkpoints: '50' },
      /^checkpoints is "50"; leave it out: it is for rolling, and strategy is blue-green$/,
    ],
    [
      'inputs of two strategies',
      { 'step-time': '60', 'min-healthy-percentage': '90' },
      /^min-healthy-percentage is "90"; leave it out: it is for rolling, and step-time is for blue-green$/,
    ],
    [
      'a pause beside the steps',
      { 'pause-at': '10', 'traffic-steps': '5, 50, 100' },
      /^pause-at is "10"; give one of traffic-steps below 100 \(5, 50\), or traffic-steps with 10 among them$/,
    ],
    [
      'a pause in a single step',
      { 'pause-at': '10', 'traffic-steps': '100' },
      /^pause-at is "10"; give traffic-steps with 10 among them$/,
    ],
    [
      'a pause beside the steps that nobody named',
      { strategy: 'blue-green', 'pause-at': '10' },
      /^pause-at is "10"; give one of traffic-steps below 100 \(5, 25\), or traffic-steps with 10/,
    ],
    [
      'a pause beside the checkpoints',
      { strategy: 'rolling', checkpoints: '20, 50, 100', 'checkpoint-delay': '60', 'pause-at': '30' },
      /^pause-at is "30"; give one of checkpoints below 100 \(20, 50\), or checkpoints with 30 among them$/,
    ],
    [
      'a pause at a checkpoint behind others that take too long',
      { checkpoints: '20, 50, 100', 'pause-at': '50' },
      /^timeout is "3600"; give more than the rollout pauses, which is 2 × 3600 s at checkpoints \(AWS's own delay\)/,
    ],
    [
      'one database for two versions that wait for a person',
      {
        ...{ 'incompatible-schema': 'true', 'pause-at': '20' },
        ...{ 'min-healthy-percentage': '0', 'max-healthy-percentage': '100' },
      },
      /^incompatible-schema is "true"/,
    ],
    [
      'one database for two versions that can not share it',
      { strategy: 'blue-green', 'incompatible-schema': 'true' },
      /^incompatible-schema is "true"; make the change in two deployments .*both versions answer at once and use one database/,
    ],
    [
      'the same where the maximum is the policy of the group',
      { 'incompatible-schema': 'true', 'min-healthy-percentage': '0' },
      /^incompatible-schema is "true"; .*rolling with min-healthy-percentage 0/,
    ],
    [
      'the same at checkpoints',
      {
        ...{ 'incompatible-schema': 'true', checkpoints: '50' },
        ...{ 'min-healthy-percentage': '0', 'max-healthy-percentage': '100' },
      },
      /^incompatible-schema is "true"; /,
    ],
    [
      'steps and a bake that are longer than everything',
      { strategy: 'blue-green', 'traffic-steps': '5, 25, 50, 100', 'bake-time': '3000' },
      /^timeout is "3600"; .* 3 × 300 s at traffic-steps and 3000 s of bake-time, or/,
    ],
  ])('%s', (_what, given, text) => {
    expect(failureOf(given).message).toMatch(text);
  });

  it.each(['2xx', '600', '99', '299-200', '200-', '200;204', 'ok'])(
    'a smoke test for the status %s',
    (status) => {
      const { message } = failureOf({ 'smoke-test-path': '/', 'smoke-test-status': `302, ${status}` });
      expect(message).toBe(
        `smoke-test-status is "${status}"; give HTTP statuses from 100 to 599 and ranges of them, like 200 or 200-299, 302`,
      );
    },
  );

  it('every contradiction of a rollout at once', () => {
    const failure = failureOf({
      'min-healthy-percentage': '100',
      checkpoints: '20, 50',
      'checkpoint-delay': '3600',
      'auto-rollback': 'false',
      'on-cancel': 'rollback',
      'smoke-test-status': '200',
    });
    expect(failure.evidence.map(({ label }) => label)).toEqual([
      'smoke-test-status',
      'min-healthy-percentage',
      'checkpoints',
      'on-cancel',
    ]);
    expect(failure.left).toBe('Nothing was touched.');
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['no confirmation', {}, /^confirm-destroy is empty; write shop-prod to take prod of shop down/],
    [
      'another environment',
      { 'confirm-destroy': 'shop-dev' },
      /^confirm-destroy is "shop-dev"; write shop-prod/,
    ],
    ['a word', { 'confirm-destroy': 'true' }, /write shop-prod/],
  ])('to destroy with %s', (_what, given, text) => {
    expect(failureOf({ command: 'destroy', ...given }).message).toMatch(text);
  });

  it('two names for where to roll back to', () => {
    const given = { command: 'rollback', image: 'v1', 'template-version': '3' };
    expect(failureOf(given).message).toMatch(/give either template-version or image/);
  });

  it('everything at once, without guessing at what hangs on a bad value', () => {
    const failure = failureOf({
      environment: 'pre-live',
      'min-healthy-percentage': '9O',
      'max-healthy-percentage': '150',
      timeout: '5',
    });
    expect(failure.message).toBe('3 inputs can not be used');
    expect(failure.evidence.map(({ label }) => label)).toEqual([
      'environment',
      'min-healthy-percentage',
      'timeout',
    ]);
  });

  it('without showing values that may be secret', () => {
    const failure = failureOf({ 'terraform-variables': 'password = {"s3cret"', 'build-args': 'TOP SECRET' });
    expect(JSON.stringify(failure.evidence)).not.toMatch(/s3cret|TOP/);
  });
});

describe('misspeltInputs', () => {
  it.each([
    ['enviroment', 'environment'],
    ['regoin', 'region'],
    ['role_to_assume', 'role-to-assume'],
    ['min-healthy', 'min-healthy-percentage'],
    ['terraform-dir', undefined],
    ['version', undefined],
    ['image', undefined],
    ['image-name', undefined],
    ['name', undefined],
    ['token', undefined],
    ['platforms-to-build', undefined],
    ['aws-access-key-id', undefined],
    ['slack-token', undefined],
  ])('takes %s for %s', (name, meant) => {
    expect(misspeltInputs([name])).toEqual(meant === undefined ? [] : [{ name, meant }]);
  });
});
