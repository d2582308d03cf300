import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'node:http';
import {
  ApiError,
  CallLog,
  Faults,
  type Gateway,
  type Service,
  startGateway,
} from '../../local-cloud/gateway/index.ts';
import { readImage } from '../../src/image/registered.ts';
import { restoreImage } from '../../src/image/restore.ts';
import { fakeRun } from '../support/fake-run.ts';

/** An archive that gives an image back after some looks at it, on the wire. */

const digest = `sha256:${'a'.repeat(64)}`;
const reference = `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@${digest}`;

/** What the registry says of the image, look by look; the last one stays. undefined: there is none. */
let statuses: (string | undefined)[] = [];
let refusal: ApiError | undefined;
let slept = 0;
let gateway: Gateway;
const calls = new CallLog();

const clock = {
  now: () => slept,
  sleep: (seconds: number) => {
    slept += seconds;
    return Promise.resolve();
  },
};

beforeEach(async () => {
  [refusal, slept] = [undefined, 0];
  calls.clear();
  const ecr: Service = {
    protocol: 'json',
    namespace: 'AmazonEC2ContainerRegistry_V20150921',
    operations: {
      // Without a filter only images that are active are described.
      DescribeImages: ({ parameters }) => {
        const any = (parameters.filter as { imageStatus?: string } | undefined)?.imageStatus === 'ANY';
        const imageStatus = any && statuses.length > 1 ? statuses.shift() : statuses[0];
        if (imageStatus === undefined || (imageStatus !== 'ACTIVE' && !any))
          throw new ApiError('ImageNotFoundException', 'The image does not exist');
        return { imageDetails: [{ imageDigest: digest, imageStatus }] };
      },
      UpdateImageStorageClass: ({ parameters }) => {
        if (refusal !== undefined) throw refusal;
        return { ...parameters, imageStatus: 'ACTIVATING' };
      },
    },
  };
  gateway = await startGateway({
    ...{ port: 0, region: 'eu-north-1', accountId: '123456789012' },
    upstream: { host: '127.0.0.1', port: 9, agent: new Agent() },
    routes: () => ({ services: { ecr }, filters: [] }),
    control: () => Promise.resolve({ status: 404, headers: {}, body: '' }),
    ...{ calls, faults: new Faults(), log: () => undefined },
  });
});

afterEach(() => gateway.close());

const asked = () => calls.list().filter(({ operation }) => operation === 'UpdateImageStorageClass').length;

describe('restoreImage', () => {
  it.each<[string, string[], asked: number, looks: number]>([
    [
      'asks once and waits until the image can be pulled',
      ['ARCHIVED', 'ACTIVATING', 'ACTIVATING', 'ACTIVE'],
      1,
      4,
    ],
    [
      'does not ask again where the registry takes a moment to say so',
      ['ARCHIVED', 'ARCHIVED', 'ACTIVE'],
      1,
      3,
    ],
    ['waits for what somebody else has asked for', ['ACTIVATING', 'ACTIVE'], 0, 2],
    ['has nothing to do for an image that is there', ['ACTIVE'], 0, 1],
  ])('%s', async (_what, seen, times, looks) => {
    statuses = [...seen];
    const { run, lines } = fakeRun(`http://127.0.0.1:${gateway.port}`);
    await restoreImage(run, reference, clock);
    expect([asked(), slept]).toEqual([times, 15 * (looks - 1)]);
    expect(lines).toHaveLength(looks > 1 ? 1 : 0);
  });

  it.each<[string, () => void, RegExp]>([
    [
      'it may not',
      () => (refusal = new ApiError('AccessDeniedException', 'not authorized to perform it')),
      /not authorized/,
    ],
    ['the image is gone', () => (statuses = ['ACTIVATING', undefined]), /no longer in the registry/],
    ['it takes too long', () => (statuses = ['ACTIVATING']), /ACTIVATING after 30 min$/],
  ])('says how to do it by hand where %s', async (_what, prepare, message) => {
    statuses = ['ARCHIVED'];
    prepare();
    const { run } = fakeRun(`http://127.0.0.1:${gateway.port}`);
    await expect(restoreImage(run, reference, clock)).rejects.toMatchObject({
      reason: 'image-missing',
      message: expect.stringMatching(message),
      next: expect.stringContaining(
        `aws ecr update-image-storage-class --target-storage-class STANDARD --repository-name shop --image-id imageDigest=${digest}`,
      ),
    });
  });

  it.each<[string, string | undefined, string]>([
    ['an archived image', 'ARCHIVED', 'archived'],
    ['one that is on its way back', 'ACTIVATING', 'archived'],
    ['one that is there', 'ACTIVE', 'there'],
    ['none', undefined, 'missing'],
  ])('is asked for where the registry has %s', async (_what, status, state) => {
    statuses = [status];
    const { run } = fakeRun(`http://127.0.0.1:${gateway.port}`);
    expect((await readImage(run, reference)).state).toBe(state);
  });

  it('ends when the job is cancelled', async () => {
    statuses = ['ACTIVATING'];
    const { run, controller } = fakeRun(`http://127.0.0.1:${gateway.port}`);
    const cancelling = { ...clock, sleep: () => Promise.resolve(controller.abort(new Error('cancelled'))) };
    await expect(restoreImage(run, reference, cancelling)).rejects.toThrow('cancelled');
  });
});
