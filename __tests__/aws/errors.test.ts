import { describe, expect, it } from '@jest/globals';
import { explainAwsError } from '../../src/aws/errors.ts';

describe('explainAwsError', () => {
  const error = (name: string, code?: string) => Object.assign(new Error('said so'), { name, code });
  const skewed = (name: string) =>
    Object.assign(new Error('Signature expired: 20261127T100000Z is now earlier than 20261127T101000Z'), {
      name,
    });
  it.each([
    [error('CredentialsProviderError'), /no AWS credentials/],
    [error('RequestExpired'), /expired/],
    [error('UnrecognizedClientException'), /does not know/],
    [error('AccessDeniedException'), /may not do/],
    [error('UnauthorizedOperation'), /may not do/],
    [error('ProxyError'), /proxy does not let this job out/],
    [error('RegionDisabledException'), /STS is switched off in eu-north-1/],
    [error('RequestTimeTooSkewed'), /clock is not right/],
    [skewed('SignatureDoesNotMatch'), /clock is not right/],
    [skewed('InvalidSignatureException'), /clock is not right/],
    [error('SignatureDoesNotMatch'), /does not know/],
    [error('Error', 'ENOTFOUND'), /can not be reached in eu-north-1/],
  ])('case %#', (given, message) => {
    expect(explainAwsError(given, 'eu-north-1')?.message).toMatch(message);
  });

  it.each([[error('ValidationError')], ['a text'], [undefined]])('leaves case %# to others', (given) => {
    expect(explainAwsError(given, 'eu-north-1')).toBeUndefined();
  });
});
