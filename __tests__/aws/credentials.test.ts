import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { childEnvironment, openAwsAccess, renewing } from '../../src/aws/credentials.ts';
import type { Log } from '../../src/core/log.ts';

/** An STS that answers GetCallerIdentity and AssumeRoleWithWebIdentity, or the error that it is told to. */
const asked: { action: string; body: URLSearchParams; authorization: string | undefined }[] = [];
let refusal: { action: string; code: string; message: string } | undefined;
const sts = createServer((request, response) => {
  let text = '';
  request.on('data', (piece: Buffer) => (text += piece.toString()));
  request.on('end', () => {
    const body = new URLSearchParams(text);
    const action = body.get('Action') ?? '';
    asked.push({ action, body, authorization: request.headers.authorization });
    if (refusal?.action === action) {
      response.writeHead(403, { 'content-type': 'text/xml' });
      response.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${refusal.code}</Code><Message>${refusal.message}</Message></Error></ErrorResponse>`,
      );
      return;
    }
    const result =
      action === 'GetCallerIdentity'
        ? '<Arn>arn:aws:sts::123456789012:assumed-role/shop-deploy/asg-deploy-7</Arn><Account>123456789012</Account><UserId>x</UserId>'
        : `<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials>`;
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
  });
});

const before = { ...process.env };
beforeAll(async () => {
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
  process.env.AWS_ACCESS_KEY_ID = 'AKIAJOB';
  process.env.AWS_SECRET_ACCESS_KEY = 'job-secret';
  delete process.env.AWS_SESSION_TOKEN;
});
afterAll(async () => {
  process.env = before;
  await new Promise((resolve) => sts.close(resolve));
});

function newLog() {
  const lines: string[] = [];
  const warnings: string[] = [];
  const secrets: string[] = [];
  const log: Log = {
    line: (text) => void lines.push(text),
    debug: () => undefined,
    warning: (text) => void warnings.push(text),
    secret: (value) => void secrets.push(value),
    publish: () => undefined,
    group: (_title, work) => work(),
  };
  return { log, lines, warnings, secrets };
}

const region = 'eu-north-1';
const roleToAssume = 'arn:aws:iam::123456789012:role/shop-deploy';
const own = {
  region,
  application: 'shop',
  environment: 'prod' as const,
  roleToAssume: undefined,
  roleSessionName: undefined,
  roleDurationSeconds: undefined,
  roleExternalId: undefined,
  roleChaining: false,
};
const assuming = { ...own, roleToAssume };
const surroundings = {
  environment: {
    GITHUB_RUN_ID: '7',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:9/token',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token-of-the-job',
  },
  identityToken: async () => 'the-token',
};

describe('openAwsAccess', () => {
  it("uses the job's credentials, and keeps them out of the log", async () => {
    const { log, lines, secrets } = newLog();
    const access = await openAwsAccess(own, log, surroundings);
    expect(access).toMatchObject({ region, accountId: '123456789012', partition: 'aws' });
    expect(lines).toEqual([
      'account 123456789012, eu-north-1, as arn:aws:sts::123456789012:assumed-role/shop-deploy/asg-deploy-7',
    ]);
    expect(secrets).toContain('job-secret');
    expect(await access.childEnvironment()).toEqual({
      AWS_ACCESS_KEY_ID: 'AKIAJOB',
      AWS_SECRET_ACCESS_KEY: 'job-secret',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
    });
  });

  it('says once that what Terraform is given may end before it does', async () => {
    process.env.AWS_CREDENTIAL_EXPIRATION = new Date(Date.now() + 5 * 60_000).toISOString();
    const { log, warnings } = newLog();
    try {
      const access = await openAwsAccess(own, log, surroundings);
      await access.childEnvironment();
      await access.childEnvironment();
    } finally {
      delete process.env.AWS_CREDENTIAL_EXPIRATION;
    }
    expect(warnings).toEqual([
      expect.stringMatching(/^the credentials that Terraform is given end in [45] min.*Give role-to-assume/),
    ]);
  });

  it("assumes the role with GitHub's token, once for all clients", async () => {
    asked.length = 0;
    const { log, secrets } = newLog();
    const audiences: string[] = [];
    const identityToken = async (audience: string) => {
      audiences.push(audience);
      return 'the-token';
    };
    const access = await openAwsAccess(assuming, log, { ...surroundings, identityToken });
    expect(await access.childEnvironment()).toMatchObject({
      AWS_ACCESS_KEY_ID: 'ASIAROLE',
      AWS_SESSION_TOKEN: 'role-token',
    });
    expect(asked.map(({ action }) => action)).toEqual(['AssumeRoleWithWebIdentity', 'GetCallerIdentity']);
    expect(Object.fromEntries(asked[0]?.body ?? [])).toMatchObject({
      RoleArn: roleToAssume,
      RoleSessionName: 'asg-deploy-7',
      DurationSeconds: '7200',
      WebIdentityToken: 'the-token',
    });
    expect(asked[0]?.authorization).toBeUndefined();
    expect(asked[1]?.authorization).toContain('ASIAROLE/');
    expect(audiences).toEqual(['sts.amazonaws.com']);
    expect(secrets).toEqual(expect.arrayContaining(['role-secret', 'role-token']));
  });

  it.each([
    ['GetCallerIdentity', 'ExpiredToken', /have expired/, /renews its own/],
    ['GetCallerIdentity', 'InvalidClientTokenId', /does not know these credentials in eu-north-1/, /enabled/],
  ])('explains %s refused with %s', async (action, code, message, next) => {
    refusal = { action, code, message: 'said so' };
    try {
      const opening = openAwsAccess(assuming, newLog().log, surroundings);
      await expect(opening).rejects.toMatchObject({
        reason: 'credentials',
        message: expect.stringMatching(message),
        next: expect.stringMatching(next),
        left: 'Nothing was touched.',
        evidence: [{ text: `${code}: said so` }],
      });
    } finally {
      refusal = undefined;
    }
  });

  it("warns when the job's region is another", async () => {
    const { log, warnings } = newLog();
    const environment = { ...surroundings.environment, AWS_REGION: 'us-east-1' };
    await openAwsAccess(own, log, { ...surroundings, environment });
    expect(warnings).toEqual([expect.stringContaining('us-east-1')]);
  });
});

describe('renewing', () => {
  it('asks once for everybody, and again before it is too late', async () => {
    let times = 0;
    let now = 0;
    const obtain = async () => ({
      accessKeyId: `key-${++times}`,
      secretAccessKey: 's',
      expiration: new Date(now + 3_600_000),
    });
    const provider = renewing(obtain, () => now);
    const keys = async () =>
      (await Promise.all([provider(), provider()])).map(({ accessKeyId }) => accessKeyId);
    expect(await keys()).toEqual(['key-1', 'key-1']);
    now = 45 * 60_000;
    expect(await keys()).toEqual(['key-1', 'key-1']);
    now = 51 * 60_000;
    expect(await keys()).toEqual(['key-2', 'key-2']);
  });

  it('asks again when AWS takes them no longer, whatever their end', async () => {
    let times = 0;
    const provider = renewing(async () => ({ accessKeyId: `key-${++times}`, secretAccessKey: 's' }));
    expect((await provider()).accessKeyId).toBe('key-1');
    provider.forget();
    expect((await provider()).accessKeyId).toBe('key-2');
  });

  it('gives a child a session that has just begun, or the one that there is', async () => {
    let times = 0;
    let now = 0;
    const provider = renewing(
      async () => {
        if (++times === 3) throw new Error('lost');
        return { accessKeyId: `key-${times}`, secretAccessKey: 's', expiration: new Date(now + 3_600_000) };
      },
      () => now,
    );
    expect((await provider.fresh()).accessKeyId).toBe('key-1');
    now = 4 * 60_000;
    expect((await provider.fresh()).accessKeyId).toBe('key-1');
    now = 6 * 60_000;
    expect((await provider.fresh()).accessKeyId).toBe('key-2');
    expect((await provider()).accessKeyId).toBe('key-2');
    now = 20 * 60_000;
    expect((await provider.fresh()).accessKeyId).toBe('key-2');
    expect((await provider.fresh()).accessKeyId).toBe('key-4');
  });

  it('asks again after a failure', async () => {
    let times = 0;
    const provider = renewing(async () => {
      if (++times === 1) throw new Error('lost');
      return { accessKeyId: 'key', secretAccessKey: 's' };
    });
    await expect(provider()).rejects.toThrow('lost');
    expect((await provider()).accessKeyId).toBe('key');
  });
});

describe('childEnvironment', () => {
  it('empties what would win over the credentials', () => {
    const environment = { AWS_PROFILE: 'other', AWS_SESSION_TOKEN: 'old', PATH: '/bin' };
    expect(childEnvironment({ accessKeyId: 'a', secretAccessKey: 's' }, region, environment)).toEqual({
      AWS_PROFILE: '',
      AWS_SESSION_TOKEN: '',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
    });
  });
});
