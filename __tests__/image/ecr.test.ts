import { expect, it } from '@jest/globals';
import { newestTags } from '../../src/image/ecr.ts';

it('lists the newest tags first', () => {
  const images = [
    { imageTags: ['old'], imagePushedAt: new Date(1) },
    { imageTags: ['new', 'latest'], imagePushedAt: new Date(3) },
    { imageTags: ['middle'], imagePushedAt: new Date(2) },
    {},
  ];
  expect(newestTags(images, 2)).toEqual(['new', 'middle']);
});
