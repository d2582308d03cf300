import { describe, expect, it } from '@jest/globals';
import { createPushProgress } from '../../src/image/push-progress.ts';

describe('the progress of a push', () => {
  it('counts the layers that are there', () => {
    const progress = createPushProgress();
    expect(progress.line(15)).toBe('  pushing for 15 s');
    for (const line of [
      'The push refers to repository [shop]',
      '5f70bf18a086: Preparing',
      'aaaaaaaaaaaa: Preparing',
      'bbbbbbbbbbbb: Waiting',
      '5f70bf18a086: Layer already exists',
      'aaaaaaaaaaaa: Pushed',
    ])
      progress.take(line);
    expect(progress.line(90)).toBe('  pushing for 1 min 30 s, 2 of 3 layers are there');
  });
});
