import { describe, expect, it } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import { renderError, renderResult } from '../../../local-cloud/gateway/protocols.ts';
import { ApiError, type Protocol, type Service } from '../../../local-cloud/gateway/wire.ts';

const call = {
  service: 's',
  operation: 'DescribeThings',
  parameters: {},
  region: 'eu-north-1',
  accountId: '123456789012',
  requestId: 'r-1',
};
const service = (protocol: Protocol): Service => ({ protocol, namespace: 'http://ns/', operations: {} });
const result = {
  Things: [{ Name: 'a<b>&"', At: new Date(1000) }, { Name: undefined }],
  Empty: [],
  Flag: false,
};
const parse = (body: string | Uint8Array): unknown =>
  new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(String(body)) as unknown;

describe('renderResult', () => {
  it('renders the query protocol: members, ISO times, escaped text, the request id', () => {
    const answer = renderResult(service('query'), call, result);
    expect(answer.headers).toMatchObject({ 'content-type': 'text/xml', 'x-amzn-requestid': 'r-1' });
    expect(parse(answer.body)).toMatchObject({
      DescribeThingsResponse: {
        '@_xmlns': 'http://ns/',
        DescribeThingsResult: {
          Things: { member: [{ Name: 'a<b>&"', At: '1970-01-01T00:00:01.000Z' }, ''] },
          Empty: '',
          Flag: 'false',
        },
        ResponseMetadata: { RequestId: 'r-1' },
      },
    });
  });

  it("renders EC2's: items, and the result beside the request id", () => {
    const answer = renderResult(service('ec2'), call, { thingSet: [{ id: 1 }] });
    expect(parse(answer.body)).toMatchObject({
      DescribeThingsResponse: { requestId: 'r-1', thingSet: { item: { id: '1' } } },
    });
  });

  it('renders JSON with times as seconds', () => {
    const answer = renderResult(service('json'), call, result);
    expect(JSON.parse(String(answer.body))).toEqual({
      Things: [{ Name: 'a<b>&"', At: 1 }, {}],
      Empty: [],
      Flag: false,
    });
  });

  it('replaces what XML can not hold', () => {
    const answer = renderResult(service('query'), call, { Text: 'a\u0000b\u001b[1m' });
    expect(String(answer.body)).toContain('<Text>a\ufffdb\ufffd[1m</Text>');
  });
});

describe('renderError', () => {
  const error = new ApiError('Nope', 'no <such> thing', 404);

  it.each([
    [
      'query',
      {
        ErrorResponse: {
          Error: { Type: 'Sender', Code: 'Nope', Message: 'no <such> thing' },
          RequestId: 'r',
        },
      },
    ],
    [
      'ec2',
      { Response: { Errors: { Error: { Code: 'Nope', Message: 'no <such> thing' } }, RequestID: 'r' } },
    ],
    ['s3', { Error: { Code: 'Nope', Message: 'no <such> thing', RequestId: 'r' } }],
  ] as const)('renders %s', (format, body) => {
    const answer = renderError(format, error, 'r');
    expect(answer.status).toBe(404);
    expect(parse(answer.body)).toMatchObject(body);
  });

  it('renders JSON with the type in body and header', () => {
    const answer = renderError('json', error, 'r');
    expect(JSON.parse(String(answer.body))).toEqual({ __type: 'Nope', message: 'no <such> thing' });
    expect(answer.headers['x-amzn-errortype']).toBe('Nope');
  });

  it('says whose fault a server error is', () => {
    const answer = renderError('query', new ApiError('InternalFailure', 'x', 500), 'r');
    expect(parse(answer.body)).toMatchObject({ ErrorResponse: { Error: { Type: 'Receiver' } } });
  });
});
