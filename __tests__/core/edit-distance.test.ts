import { describe, expect, it } from '@jest/globals';
import { misspelt, nearest } from '../../src/core/edit-distance.ts';

describe('nearest', () => {
  const environments = ['dev', 'staging', 'prod'];
  it.each([
    ['production', 'prod'],
    ['stag', 'staging'],
    ['STAGING', 'staging'],
    ['stagign', 'staging'],
    ['satging', 'staging'],
    ['stagin', 'staging'],
    ['sttaging', 'staging'],
    ['prid', 'prod'],
    ['d', 'dev'],
    ['europe', undefined],
  ])('to %s is %s', (word, candidate) => {
    expect(nearest(word, environments)).toBe(candidate);
  });

  it('is the one with the fewest mistakes, whatever the order', () => {
    expect(nearest('min-size', ['max-size', 'min-siez', 'mint-sizes'])).toBe('min-siez');
    expect(nearest('min-size', ['mint-sizes', 'min-siez', 'max-size'])).toBe('min-siez');
  });

  it('is nothing where there are no candidates', () => {
    expect(nearest('prod', [])).toBeUndefined();
  });
});

describe('misspelt', () => {
  it.each([
    ['environmant', 'environment'],
    ['on-cancle', 'on-cancel'],
    ['IMAGES', 'image'],
    ['min-healthy', 'min-healthy-percentage'],
    ['min', undefined],
    ['region-name', undefined],
    ['version', undefined],
  ])('%s is meant for %s', (word, candidate) => {
    const candidates = ['region', 'environment', 'image', 'on-cancel', 'min-healthy-percentage'];
    expect(misspelt(word, candidates)).toBe(candidate);
  });
});
