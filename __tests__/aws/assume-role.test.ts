import type { STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from '@jest/globals';
import { assumeRole, longSessions, patiently } from '../../src/aws/assume-role.ts';
import type { Role } from '../../src/aws/role.ts';

const role: Role = {
  arn: 'arn:aws:iam::123456789012:role/shop-deploy',
  with: 'identity-token',
  chained: false,
  sessionName: 'asg-deploy-7',
  durationSeconds: 7200,
  externalId: undefined,
};
const unverified = Object.assign(
  new Error("Couldn't retrieve verification key from your identity provider"),
  {
    name: 'InvalidIdentityToken',
    $metadata: { httpStatusCode: 400 },
  },
);

/** An STS that fails so often, then gives credentials; and what it was asked. */
function stsThatFails(times: number, error: Error) {
  const asked: { name: string; input: unknown }[] = [];
  const sts = {
    config: { region: async () => 'eu-north-1' },
    async send({ constructor, input }: { constructor: { name: string }; input: unknown }) {
      asked.push({ name: constructor.name, input });
      if (asked.length <= times) throw error;
      return { Credentials: { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't' } };
    },
  } as unknown as STSClient;
  return { sts, asked };
}

function job() {
  const slept: number[] = [];
  let tokens = 0;
  return {
    slept,
    environment: {},
    identityToken: async () => `token-${++tokens}`,
    clock: { sleep: async (seconds: number) => void slept.push(seconds) },
  };
}

describe('assumeRole', () => {
  it('tries again after a passing answer, each time with a new token', async () => {
    const { sts, asked } = stsThatFails(2, unverified);
    const with_ = job();
    const identity = await assumeRole(sts, role, { application: 'shop', stage: 'prod' }, with_);
    expect(identity).toEqual({ accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 't' });
    expect(with_.slept).toEqual([1, 2]);
    expect(asked.map(({ name }) => name)).toEqual(Array(3).fill('AssumeRoleWithWebIdentityCommand'));
    expect(asked.at(-1)?.input).toEqual({
      RoleArn: role.arn,
      RoleSessionName: 'asg-deploy-7',
      DurationSeconds: 7200,
      WebIdentityToken: 'token-3',
    });
  });

  it('gives up on one that does not pass', async () => {
    const { sts, asked } = stsThatFails(99, unverified);
    const opening = assumeRole(sts, role, { application: 'shop', stage: 'prod' }, job());
    await expect(opening).rejects.toMatchObject({
      reason: 'credentials',
      message: expect.stringContaining('could not get'),
    });
    expect(asked).toHaveLength(5);
  });

  it('does not try again what will be no better', async () => {
    const { sts, asked } = stsThatFails(99, Object.assign(new Error('no'), { name: 'AccessDenied' }));
    await expect(assumeRole(sts, role, { application: 'shop', stage: 'prod' }, job())).rejects.toMatchObject({
      reason: 'credentials',
    });
    expect(asked).toHaveLength(1);
  });

  it("takes the job's credentials, with the external id", async () => {
    const { sts, asked } = stsThatFails(0, unverified);
    await assumeRole(
      sts,
      { ...role, with: 'job-credentials', externalId: 'shop' },
      { application: 'shop', stage: 'prod' },
      job(),
    );
    expect(asked).toEqual([
      {
        name: 'AssumeRoleCommand',
        input: {
          RoleArn: role.arn,
          RoleSessionName: 'asg-deploy-7',
          DurationSeconds: 7200,
          ExternalId: 'shop',
        },
      },
    ]);
  });

  it('asks GitHub again when its service fails', async () => {
    const { sts } = stsThatFails(0, unverified);
    let tries = 0;
    const identityToken = async () => {
      if (++tries === 1) throw new Error('Failed to get ID Token. \n Error Code : 500');
      return 'token';
    };
    await assumeRole(sts, role, { application: 'shop', stage: 'prod' }, { ...job(), identityToken });
    expect(tries).toBe(2);
  });
});

describe('longSessions', () => {
  const refusal = (message: string) =>
    Object.assign(new Error(message), { name: 'ValidationError', $metadata: { httpStatusCode: 400 } });
  const tooLong = refusal('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');

  /** What two sessions in a row asked for, of a role that allows so many seconds. */
  async function askedFor(one: Partial<Role>, allowed: number, error: Error = tooLong) {
    const asked: (number | undefined)[] = [];
    const next = longSessions({ ...role, ...one }, async ({ durationSeconds }) => {
      asked.push(durationSeconds);
      if ((durationSeconds ?? 3600) > allowed) throw error;
      return 'session';
    });
    const ends = [await next().catch(() => 'refused'), await next().catch(() => 'refused')];
    return [...asked, ...new Set(ends)];
  }

  it.each([
    ['two hours, where nobody says', {}, 7200, [7200, 7200, 'session']],
    [
      'the hour that every role allows, and not twice more',
      {},
      3600,
      [7200, undefined, undefined, 'session'],
    ],
    [
      'an hour with the credentials of the job',
      { with: 'job-credentials' as const },
      3600,
      [undefined, undefined, 'session'],
    ],
    ['what is given', { durationSeconds: 900 }, 7200, [900, 900, 'session']],
    ['what is given, and nothing less', { durationSeconds: 9000 }, 7200, [9000, 9000, 'refused']],
  ])('asks for %s', async (_, one, allowed, asked) => {
    expect(await askedFor({ durationSeconds: undefined, ...one }, allowed)).toEqual(asked);
  });

  it('asks for nothing less after another refusal', async () => {
    const other = Object.assign(new Error('no'), { name: 'AccessDenied' });
    expect(await askedFor({ durationSeconds: undefined }, 0, other)).toEqual([7200, 7200, 'refused']);
  });

  it('knows the refusal as assumeRole tells it', async () => {
    const { sts, asked } = stsThatFails(1, tooLong);
    await longSessions({ ...role, durationSeconds: undefined }, (one) =>
      assumeRole(sts, one, { application: 'shop', stage: 'prod' }, job()),
    )();
    expect(asked.map(({ input }) => (input as { DurationSeconds?: number }).DurationSeconds)).toEqual([
      7200,
      undefined,
    ]);
  });
});

describe('patiently', () => {
  it("asks again for the job's own credentials, which a pod has from STS", async () => {
    const { clock, slept } = job();
    let tries = 0;
    const attempt = async () => {
      if (++tries < 3) throw unverified;
      return 'credentials';
    };
    expect(await patiently(attempt, { clock })).toBe('credentials');
    expect(slept).toEqual([1, 2]);
  });

  it('gives the error as it came', async () => {
    const error = new Error('other');
    await expect(patiently(() => Promise.reject(error), job())).rejects.toBe(error);
  });
});
