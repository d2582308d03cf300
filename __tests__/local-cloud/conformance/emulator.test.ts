/** What the emulator would take and AWS does not, or shows in another way. */
import { CreateBucketCommand, GetBucketTaggingCommand, S3Client, type Tag } from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from '@jest/globals';
import { CloudOfTests, suiteWithModels } from '../helpers/cloud.ts';
import { models } from '../helpers/service-model.ts';

const cloud = new CloudOfTests();

async function createBucket(name: string): Promise<string> {
  const scope = 'Credential=local/20261122/eu-north-1/s3/aws4_request';
  const headers = { authorization: `AWS4-HMAC-SHA256 ${scope}, Signature=0` };
  const body =
    '<CreateBucketConfiguration><LocationConstraint>eu-north-1</LocationConstraint></CreateBucketConfiguration>';
  const answer = await fetch(`${cloud.endpoint}/${name}`, { method: 'PUT', headers, body });
  return /<Code>([^<]*)/.exec(await answer.text())?.[1] ?? '';
}

suiteWithModels("a bucket's name", () => {
  it.each(['shop.dev-1', 'a'.repeat(63), '1.2.3.4a'])('%s is one', async (name) => {
    expect(await createBucket(name)).toBe('');
  });

  it.each([
    ...['Shop', 'shop_dev', 'ab', 'a'.repeat(64), '-shop', 'shop-', 'shop..dev', '192.168.5.4', 'xn--shop'],
    ...['sthree-shop', 'shop-s3alias', 'shop--ol-s3', 'shop.mrap'],
  ])('%s is none', async (name) => {
    expect(await createBucket(name)).toBe('InvalidBucketName');
  });
});

suiteWithModels("a bucket's tags", () => {
  it('are there from its first moment when the call that makes it gives them', async () => {
    const s3 = new S3Client({
      ...{ endpoint: cloud.endpoint, region: 'eu-north-1', forcePathStyle: true },
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const make = (Bucket: string, Tags?: Tag[]) =>
      s3.send(
        new CreateBucketCommand({
          Bucket,
          CreateBucketConfiguration: { LocationConstraint: 'eu-north-1', ...(Tags && { Tags }) },
        }),
      );
    const tags = [{ Key: 'managed-by', Value: 'somebody' }];
    await make('tagged-from-the-first', tags);
    await make('without-a-tag');
    const read = (Bucket: string) => s3.send(new GetBucketTaggingCommand({ Bucket }));
    expect((await read('tagged-from-the-first')).TagSet).toEqual(tags);
    await expect(read('without-a-tag')).rejects.toMatchObject({ name: 'NoSuchTagSet' });
    s3.destroy();
  });
});

suiteWithModels("a database's parameters", () => {
  const group = { DBParameterGroupName: 'shop' };
  const set = (name: string, value: string, method: string) =>
    cloud.send('rds', 'ModifyDBParameterGroup', {
      ...group,
      'Parameters.Parameter.1.ParameterName': name,
      'Parameters.Parameter.1.ParameterValue': value,
      'Parameters.Parameter.1.ApplyMethod': method,
    });
  const methodOf = async (name: string): Promise<string | undefined> => {
    const { body } = await cloud.send('rds', 'DescribeDBParameters', { ...group, Source: 'user' });
    const parameter = body.split('</Parameter>').find((text) => text.includes(`<ParameterName>${name}<`));
    return /<ApplyMethod>([^<]*)/.exec(parameter ?? '')?.[1];
  };

  beforeAll(async () => {
    const family = { DBParameterGroupFamily: 'postgres16', Description: 'of a test' };
    await cloud.call('rds', 'CreateDBParameterGroup', { ...group, ...family });
  });

  it('show pending-reboot for one that is at its default', async () => {
    expect((await set('rds.force_ssl', '1', 'immediate')).code).toBe('');
    expect(await methodOf('rds.force_ssl')).toBe('pending-reboot');
    await set('log_min_duration_statement', '500', 'immediate');
    expect(await methodOf('log_min_duration_statement')).toBe('immediate');
  });

  it('are static or not', async () => {
    expect(await set('max_connections', '100', 'immediate')).toMatchObject({
      code: 'InvalidParameterCombination',
      message: 'cannot use immediate apply method for static parameter',
    });
    expect((await set('max_connections', '100', 'pending-reboot')).code).toBe('');
  });
});

if (models === undefined) {
  it.skip('skipped: the emulator is not installed yet; `npm test` installs it', () => undefined);
}
