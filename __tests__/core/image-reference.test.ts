import { describe, expect, it } from '@jest/globals';
import {
  imageIn,
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

it.each([
  [
    `readonly image='127.0.0.1:5570/shop@sha256:${'a'.repeat(64)}'`,
    `127.0.0.1:5570/shop@sha256:${'a'.repeat(64)}`,
  ],
  [
    `docker run 1.dkr.ecr.eu-north-1.amazonaws.com/team/shop@sha256:${'b'.repeat(64)} x@sha256:1`,
    `1.dkr.ecr.eu-north-1.amazonaws.com/team/shop@sha256:${'b'.repeat(64)}`,
  ],
  ['docker run shop:latest', undefined],
  ['', undefined],
])('imageIn %j', (userData, image) => {
  expect(imageIn(userData)).toBe(image);
});
