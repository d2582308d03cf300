import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import {
  imagesIn,
  imagesInUserData,
  normalName,
  parseEcrRepository,
  parseReference,
  registryHost,
  repositoryName,
  serviceImage,
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
    ['nginx:1.27', { repository: 'docker.io/library/nginx', tag: '1.27', digest: undefined }],
    ['GHCR.io/o/shop:V1', { repository: 'ghcr.io/o/shop', tag: 'V1', digest: undefined }],
    ['localhost:5000/shop', { repository: 'localhost:5000/shop', tag: 'latest', digest: undefined }],
    ['[::1]:5000/shop:v1', { repository: '[::1]:5000/shop', tag: 'v1', digest: undefined }],
    ['ghcr.io/o/Shop:v1', undefined],
    ['https://ghcr.io/o/shop', undefined],
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
    const parsed = { registryId: '123456789012', region: 'us-gov-west-1', name: 'shop' };
    for (const host of ['dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'dkr-ecr.us-gov-west-1.on.aws'])
      expect(parseEcrRepository(`123456789012.${host}/shop`)).toEqual(parsed);
    expect(parseEcrRepository('ghcr.io/o/shop')).toBeUndefined();
    expect(registryHost('127.0.0.1:5570/team/shop')).toBe('127.0.0.1:5570');
    expect(repositoryName('127.0.0.1:5570/team/shop')).toBe('team/shop');
  });
});

describe('the images that a script names by digest', () => {
  const [a, b] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
  it.each<[string, string[]]>([
    [`readonly image='127.0.0.1:5570/shop@${a}'`, [`127.0.0.1:5570/shop@${a}`]],
    [`docker run ${ecr}/team/shop@${b} x@sha256:1`, [`${ecr}/team/shop@${b}`]],
    [
      `run ${ecr}/log@${a}\nrun ${ecr}/shop:v1@${b}\nrun "${ecr}/log@${a}"`,
      [`${ecr}/log@${a}`, `${ecr}/shop@${b}`],
    ],
    [
      `--image=nginx:1.27@${a} busybox@${b}`,
      [`docker.io/library/nginx@${a}`, `docker.io/library/busybox@${b}`],
    ],
    [`$REGISTRY/shop@${a} \${REGISTRY}/shop@${b}`, []],
    ['docker run shop:latest', []],
    ['', []],
  ])('%s', (script, images) => {
    expect(imagesIn(script)).toEqual(images);
    expect(imagesInUserData(gzipSync(script).toString('base64'))).toEqual(images);
    expect(imagesInUserData(Buffer.from(script).toString('base64'))).toEqual(images);
  });

  it.each<[string, string[], string, ReturnType<typeof serviceImage>]>([
    ['none', [], 'h.io/shop', { image: undefined, ambiguous: false }],
    ['the only one', [`h.io/x@${a}`], 'h.io/shop', { image: `h.io/x@${a}`, ambiguous: false }],
    [
      'that of the repository, behind another',
      [`h.io/log@${a}`, `h.io/shop@${b}`],
      'H.io/shop',
      { image: `h.io/shop@${b}`, ambiguous: false },
    ],
    [
      'none of the repository',
      [`h.io/log@${a}`, `h.io/web@${b}`],
      'h.io/shop',
      { image: `h.io/log@${a}`, ambiguous: true },
    ],
    [
      'two of the repository',
      [`h.io/shop@${a}`, `h.io/shop@${b}`],
      'h.io/shop',
      { image: `h.io/shop@${a}`, ambiguous: true },
    ],
  ])('the application’s is %s', (_, images, repository, found) => {
    expect(serviceImage(images, repository)).toEqual(found);
  });
});

it.each([
  ['nginx', 'docker.io/library/nginx'],
  ['docker.io/nginx', 'docker.io/library/nginx'],
  ['index.docker.io/library/nginx', 'docker.io/library/nginx'],
  ['team/shop', 'docker.io/team/shop'],
  ['GHCR.io/team/shop', 'ghcr.io/team/shop'],
  ['localhost/shop', 'localhost/shop'],
  ['public.ecr.aws/docker/library/nginx', 'public.ecr.aws/docker/library/nginx'],
])('%s is %s', (name, normal) => {
  expect(normalName(name)).toBe(normal);
});
