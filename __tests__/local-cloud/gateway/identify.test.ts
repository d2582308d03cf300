import { describe, expect, it } from '@jest/globals';
import { identify } from '../../../local-cloud/gateway/identify.ts';

const scope = (service: string): string =>
  `AWS4-HMAC-SHA256 Credential=AKID/20261122/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
const url = (path: string): URL => new URL(path, 'http://127.0.0.1');

describe('identify', () => {
  it('reads service, region and who signed from the credential scope', () => {
    expect(identify('POST', url('/'), { authorization: scope('autoscaling') }, 'eu-north-1')).toMatchObject({
      service: 'autoscaling',
      region: 'eu-west-1',
      identity: 'AKID',
      errorFormat: 'query',
    });
  });

  it('reads the scope of a presigned address', () => {
    const presigned = url(
      '/?Action=GetCallerIdentity&X-Amz-Credential=AKID%2F20261122%2Feu-west-1%2Fsts%2Faws4_request',
    );
    expect(identify('GET', presigned, {}, 'eu-north-1')).toMatchObject({
      service: 'sts',
      operation: 'GetCallerIdentity',
    });
  });

  it('knows no service without one', () => {
    expect(identify('GET', url('/'), {}, 'eu-north-1')).toMatchObject({
      service: undefined,
      region: 'eu-north-1',
    });
  });

  it('reads the operation of a JSON service and of a CBOR one', () => {
    const json = {
      authorization: scope('ecr'),
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.PutImage',
    };
    expect(identify('POST', url('/'), json, '')).toMatchObject({
      operation: 'PutImage',
      errorFormat: 'json',
    });
    const cbor = { authorization: scope('monitoring'), 'smithy-protocol': 'rpc-v2-cbor' };
    const path = url('/service/GraniteServiceVersion20100801/operation/DescribeAlarms');
    expect(identify('POST', path, cbor, '')).toMatchObject({
      operation: 'DescribeAlarms',
      errorFormat: 'cbor',
    });
  });

  it.each([
    ['GET', '/', 'ListBuckets'],
    ['PUT', '/b', 'CreateBucket'],
    ['HEAD', '/b', 'HeadBucket'],
    ['GET', '/b?list-type=2&prefix=x', 'ListObjectsV2'],
    ['PUT', '/b?versioning', 'PutBucketVersioning'],
    ['PUT', '/b?publicAccessBlock', 'PutPublicAccessBlock'],
    ['GET', '/b?lifecycle', 'GetBucketLifecycleConfiguration'],
    ['POST', '/b?delete', 'DeleteObjects'],
    ['PUT', '/b/k/l', 'PutObject'],
    ['GET', '/b/k', 'GetObject'],
    ['HEAD', '/b/k', 'HeadObject'],
    ['PUT', '/b/k?partNumber=1&uploadId=u', 'UploadPart'],
    ['POST', '/b/k?uploadId=u', 'CompleteMultipartUpload'],
  ])('names S3 %s %s', (method, path, operation) => {
    const found = identify(method, url(path), { authorization: scope('s3') }, '');
    expect(found).toMatchObject({ service: 's3', operation, errorFormat: 's3' });
  });

  it.each([
    ['POST', '/2013-04-01/hostedzone', 'CreateHostedZone'],
    ['GET', '/2013-04-01/hostedzone/Z1', 'GetHostedZone'],
    ['POST', '/2013-04-01/hostedzone/Z1/rrset/', 'ChangeResourceRecordSets'],
    ['GET', '/2013-04-01/hostedzone/Z1/rrset?maxitems=1', 'ListResourceRecordSets'],
    ['GET', '/2013-04-01/change/C1', 'GetChange'],
  ])('names Route 53 %s %s', (method, path, operation) => {
    const found = identify(method, url(path), { authorization: scope('route53') }, '');
    expect(found).toMatchObject({ service: 'route53', operation });
  });
});
