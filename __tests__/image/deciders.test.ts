import { describe, expect, it } from '@jest/globals';
import { buildCommand, isNotice } from '../../src/image/build.ts';
import { explainBuild } from '../../src/image/build-log.ts';
import { contentTag, decideSource } from '../../src/image/commit.ts';
import { decideBuilder, isDaemonUnreachable } from '../../src/image/docker.ts';
import { platformNames } from '../../src/image/platform.ts';
import { newestTags } from '../../src/image/ecr.ts';
import { evaluatePush, pushedDigest } from '../../src/image/push.ts';
import {
  parseEcrRepository,
  parseReference,
  registryHost,
  repositoryName,
} from '../../src/core/image-reference.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const ecr = '123456789012.dkr.ecr.eu-north-1.amazonaws.com';

describe('parseReference', () => {
  it.each([
    ['v1.2', { repository: '', tag: 'v1.2', digest: undefined }],
    [digest, { repository: '', tag: undefined, digest }],
    [`${ecr}/team/shop:v1`, { repository: `${ecr}/team/shop`, tag: 'v1', digest: undefined }],
    [`${ecr}/shop@${digest}`, { repository: `${ecr}/shop`, tag: undefined, digest }],
    [`127.0.0.1:5570/shop:v1@${digest}`, { repository: '127.0.0.1:5570/shop', tag: 'v1', digest }],
    ['127.0.0.1:5570/shop', { repository: '127.0.0.1:5570/shop', tag: 'latest', digest: undefined }],
    ['', undefined],
    ['-v1', undefined],
    ['a b', undefined],
    ['x'.repeat(129), undefined],
    ['sha256:abc', undefined],
    ['host/shop@sha256:abc', undefined],
    ['host/shop:', undefined],
    ['host/', undefined],
    [`host/a@${digest}@${digest}`, undefined],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it('tells an ECR repository from another', () => {
    expect(parseEcrRepository(`${ecr}/team/shop`)).toEqual({
      registryId: '123456789012',
      region: 'eu-north-1',
      name: 'team/shop',
    });
    expect(parseEcrRepository('ghcr.io/o/shop')).toBeUndefined();
    expect(registryHost('127.0.0.1:5570/team/shop')).toBe('127.0.0.1:5570');
    expect(repositoryName('127.0.0.1:5570/team/shop')).toBe('team/shop');
  });
});

describe('decideBuilder', () => {
  it.each([
    ['28.2.2', true, '1'],
    ['28.2.2', false, '0'],
    ['20.10.24+dfsg1', false, '1'],
    ['23.0.0', false, '0'],
    ['18.06.1-ce', false, '0'],
    ['dev', false, '0'],
  ])('client %s, buildx %s', (clientVersion, buildx, expected) => {
    expect(decideBuilder({ clientVersion, buildx })).toBe(expected);
  });
});

describe('buildCommand', () => {
  const inputs = {
    application: 'shop',
    context: '/w/app',
    dockerfile: '/w/app/Dockerfile',
    buildArguments: ['TOKEN=s3cret=x', 'FROM_ENVIRONMENT', 'HTTP_PROXY=http://p'],
    target: 'runtime',
    platform: 'linux/arm64',
  };
  const request = { inputs, labels: { a: 'b' }, idFile: '/t/id' };
  const engine = { clientVersion: '28.2.2', platform: 'linux/amd64' };

  it('has classic flags only, and no value of a build argument', () => {
    const { args, env } = buildCommand({ ...request, docker: { ...engine, buildx: false } });
    expect(args.join(' ')).toBe(
      'build --force-rm --file /w/app/Dockerfile --iidfile /t/id --target runtime --platform linux/arm64 --label a=b' +
        ' --build-arg TOKEN --build-arg FROM_ENVIRONMENT --build-arg HTTP_PROXY=http://p /w/app',
    );
    expect(env).toMatchObject({ TOKEN: 's3cret=x', DOCKER_BUILDKIT: '0' });
    expect(env).not.toHaveProperty('HTTP_PROXY');
  });

  it.each([true, false])('leaves no container of a step that fails behind (buildx %s)', (buildx) => {
    const { args } = buildCommand({ ...request, docker: { ...engine, buildx } });
    expect(args).toContain('--force-rm');
  });

  it('asks an engine for its own platform by no flag, which the oldest would refuse', () => {
    const docker = { ...engine, platform: 'linux/arm64', buildx: false };
    expect(buildCommand({ ...request, docker }).args).not.toContain('--platform');
  });

  it('loads what buildx builds', () => {
    const { args, env } = buildCommand({ ...request, docker: { ...engine, buildx: true } });
    expect(args).toContain('--load');
    expect(env.DOCKER_BUILDKIT).toBe('1');
  });
});

describe('platformNames', () => {
  it.each([
    ['an image', [{ os: 'linux', architecture: 'arm64' }], ['linux/arm64']],
    [
      'an index with attestations',
      [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' },
        { os: 'unknown', architecture: 'unknown' },
      ],
      ['linux/amd64', 'linux/arm64'],
    ],
    ['a manifest that does not say', [{}], []],
  ])('reads %s', (_, platforms, expected) => {
    expect(platformNames(platforms)).toEqual(expected);
  });
});

describe('explainBuild', () => {
  it('finds the step in BuildKit’s plain progress, among steps that run side by side', () => {
    const log = [
      '#5 [base 1/3] FROM docker.io/library/node:24',
      '#7 [build 3/5] RUN npm ci',
      '#8 [assets 1/1] RUN echo other',
      '#7 1.200 npm error code E404',
      '#8 1.210 other',
      '#7 1.300 npm error 404 Not Found',
      '#7 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
      '#8 CANCELED',
      '------',
      ' > [build 3/5] RUN npm ci:',
      'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    ];
    expect(explainBuild(log)).toEqual({
      step: 'RUN npm ci',
      message: 'process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
      lines: ['npm error code E404', 'npm error 404 Not Found'],
    });
  });

  it('finds the step in the classic builder’s log', () => {
    const log = [
      'Step 1/3 : FROM debian',
      ' ---> a865acccc9d9',
      'Step 2/3 : RUN make',
      ' ---> Running in 0102322f1554',
      '\u001b[91mmake: *** no rule',
      '\u001b[0m',
      "The command '/bin/sh -c make' returned a non-zero code: 2",
    ];
    expect(explainBuild(log)).toEqual({
      step: 'RUN make',
      message: "The command '/bin/sh -c make' returned a non-zero code: 2",
      lines: ['make: *** no rule'],
    });
  });

  it.each([
    [
      'a Dockerfile that can not be read',
      [
        '#1 [internal] load build definition',
        'ERROR: failed to solve: dockerfile parse error on line 3: unknown instruction: RUNN',
      ],
      'dockerfile parse error',
    ],
    [
      'the same, classic',
      ['Error response from daemon: dockerfile parse error line 3: unknown instruction: RUNN'],
      'dockerfile parse error',
    ],
    ['nothing at all', [], 'said nothing'],
  ])('%s has no step', (_name, log, said) => {
    const failure = explainBuild(log);
    expect(failure.step).toBeUndefined();
    expect(failure.message).toContain(said);
  });

  it('keeps only the last lines of a long step', () => {
    const log = ['Step 1/1 : RUN x', ...Array.from({ length: 50 }, (_, index) => `line ${index}`), 'failed'];
    expect(explainBuild(log).lines).toHaveLength(20);
    expect(explainBuild(log).lines.at(-1)).toBe('line 49');
  });

  it('leaves out the classic builder’s notice about itself', () => {
    const lines = [
      'DEPRECATED: The legacy builder is deprecated',
      '            Install buildx',
      '',
      'Sending build context',
      '  indented',
    ];
    let inNotice = false;
    expect(lines.filter((line) => !(inNotice = isNotice(line, inNotice)))).toEqual([
      'Sending build context',
      '  indented',
    ]);
  });
});

describe('decideSource', () => {
  const sha = 'a'.repeat(40);
  it.each([
    ['on GitHub', sha, '', '', sha, sha],
    ['a clean checkout', '', sha, '', sha, sha],
    ['a changed checkout', '', sha, ' M app.js\n?? new.js\n', '', undefined],
    ['no repository', '', '', '', '', undefined],
  ])('%s', (...row) => {
    const [, github, head, changed, commit, tag] = row;
    const source = decideSource(github, head, changed);
    expect([source.commit, source.tag]).toEqual([commit, tag]);
    if (tag === undefined) expect(source.note).toContain('named after its content');
  });

  it('names content by the image’s id', () => {
    expect(contentTag(digest)).toBe('content-0123456789ab');
  });
});

describe('evaluatePush', () => {
  it.each([
    [
      "tag invalid: The image tag 'v1' already exists in the 'shop' repository and cannot be overwritten because the tag is immutable.",
      'immutable',
    ],
    [
      'denied: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ecr:InitiateLayerUpload',
      'final',
    ],
    ['no basic auth credentials', 'final'],
    ["name unknown: The repository with name 'shop' does not exist in the registry", 'final'],
    ['Put "https://x": net/http: TLS handshake timeout', 'transient'],
    ['read tcp 1.2.3.4: connection reset by peer', 'transient'],
    ['unexpected EOF', 'transient'],
    ['received unexpected HTTP status: 503 Service Unavailable', 'transient'],
    ['toomanyrequests: Rate exceeded', 'transient'],
    ['invalid reference format', 'final'],
    ['', 'final'],
  ])('%s', (output, kind) => {
    expect(evaluatePush(`layer: Pushed\n${output}\n`).kind).toBe(output === '' ? 'final' : kind);
  });

  it('reads the digest', () => {
    expect(pushedDigest(`v1: digest: ${digest} size: 1234\n`)).toBe(digest);
    expect(pushedDigest('pushed')).toBeUndefined();
  });
});

it.each([
  ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?', true],
  ['permission denied while trying to connect to the Docker daemon socket', true],
  ['npm error: permission denied', false],
])('daemon unreachable: %s', (text, expected) => {
  expect(isDaemonUnreachable(text)).toBe(expected);
});

it('lists the newest tags first', () => {
  const images = [
    { imageTags: ['old'], imagePushedAt: new Date(1) },
    { imageTags: ['new', 'latest'], imagePushedAt: new Date(3) },
    { imageTags: ['middle'], imagePushedAt: new Date(2) },
    {},
  ];
  expect(newestTags(images, 2)).toEqual(['new', 'middle']);
});
