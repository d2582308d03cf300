import { describe, expect, it } from '@jest/globals';
import {
  DescribeImagesCommand,
  BatchGetImageCommand,
  UpdateImageStorageClassCommand,
} from '@aws-sdk/client-ecr';
import { moved, statusOf, type Storage } from '../../../local-cloud/registry/storage-class.ts';
import { RegistryClient } from '../helpers/registry-client.ts';

describe('where an image is kept', () => {
  const at = (milliseconds: number): Date => new Date(milliseconds);
  const archived: Storage = { archivedAt: at(1000) };
  const restored: Storage = { archivedAt: at(1000), activatedAt: at(12_000) };

  it.each<[string, Storage, number, string]>([
    ['nothing was done with it', {}, 0, 'ACTIVE'],
    ['it was archived', archived, 5000, 'ARCHIVED'],
    ['it is being restored', restored, 11_999, 'ACTIVATING'],
    ['it was restored', restored, 12_000, 'ACTIVE'],
    ['it was archived again', { ...restored, archivedAt: at(20_000) }, 30_000, 'ARCHIVED'],
  ])('%s', (_, storage, now, expected) => {
    expect(statusOf(storage, now)).toBe(expected);
  });

  it.each<[string, Storage, string, number, string | undefined]>([
    ['ACTIVE', {}, 'ARCHIVE', 0, 'ARCHIVED'],
    ['ARCHIVED', archived, 'STANDARD', 2000, 'ACTIVATING'],
    ['ACTIVE', restored, 'ARCHIVE', 12_000, 'ARCHIVED'],
    ['ACTIVE', {}, 'STANDARD', 0, undefined],
    ['ARCHIVED', archived, 'ARCHIVE', 2000, undefined],
    ['ACTIVATING', restored, 'STANDARD', 11_000, undefined],
    ['ACTIVATING', restored, 'ARCHIVE', 11_000, undefined],
  ])('from %s by %j to %s', (...[status, storage, target, now, expected]) => {
    if (expected !== undefined) expect(statusOf(moved(storage, target, now), now)).toBe(expected);
    else expect(() => moved(storage, target, now)).toThrow(`whose status is ${status} can not be moved`);
  });
});

const api = new RegistryClient();

describe('an archived image', () => {
  const repositoryName = 'shop';
  const imageId = { imageTag: 'v1' };
  const imageIds = [imageId];

  const move = (targetStorageClass: 'ARCHIVE' | 'STANDARD') =>
    api.ecr.send(new UpdateImageStorageClassCommand({ repositoryName, imageId, targetStorageClass }));

  const listed = async (imageStatus?: 'ARCHIVED' | 'ANY'): Promise<number | undefined> => {
    const filter = imageStatus && { imageStatus };
    const { imageDetails } = await api.ecr.send(new DescribeImagesCommand({ repositoryName, filter }));
    return imageDetails?.length;
  };

  it('is there, is not listed with the others, and can not be pulled', async () => {
    await api.pushImage('v1', 'one');
    expect((await move('ARCHIVE')).imageStatus).toBe('ARCHIVED');
    const { imageDetails } = await api.ecr.send(new DescribeImagesCommand({ repositoryName, imageIds }));
    expect(imageDetails).toMatchObject([{ imageStatus: 'ARCHIVED', lastArchivedAt: expect.any(Date) }]);
    expect([await listed(), await listed('ARCHIVED'), await listed('ANY')]).toEqual([0, 1, 1]);
    const { images, failures } = await api.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
    expect([images, failures]).toMatchObject([[], [{ failureCode: 'ImageInaccessible' }]]);
    expect((await move('STANDARD')).imageStatus).toBe('ACTIVATING');
    await expect(move('STANDARD')).rejects.toMatchObject({
      name: 'ImageStorageClassUpdateNotSupportedException',
    });
  });
});
