import { describe, expect, it } from '@jest/globals';
import {
  awsErrorKind,
  callFailure,
  errorName,
  errorText,
  httpStatus,
  isAwsError,
} from '../../src/core/aws-error.ts';
import type { AwsErrorKind, CallFailure } from '../../src/core/aws-error.ts';

/** An error as the SDK throws it. */
function sdkError(name: string, status: number | undefined = 400, code?: string): Error {
  const answered = { $metadata: status === undefined ? {} : { httpStatusCode: status } };
  return Object.assign(new Error('said AWS'), { name, ...answered, ...(code !== undefined && { code }) });
}

describe('the kind of an AWS error', () => {
  it.each<[string, unknown, AwsErrorKind, CallFailure]>([
    ['Throttling', sdkError('Throttling'), 'throttled', 'throttled'],
    ['ThrottlingException', sdkError('ThrottlingException'), 'throttled', 'throttled'],
    ['RequestLimitExceeded', sdkError('RequestLimitExceeded', 503), 'throttled', 'throttled'],
    ['a fault of contention', sdkError('ResourceContentionFault', 500), 'throttled', 'throttled'],
    ['status 429', sdkError('Whatever', 429), 'throttled', 'throttled'],
    ['a proxy that says no', sdkError('ProxyError', undefined), 'proxy', 'lost'],
    ['status 407', sdkError('Whatever', 407), 'proxy', 'lost'],
    ['no credentials', sdkError('CredentialsProviderError', undefined), 'no-credentials', 'expired'],
    ['ExpiredToken', sdkError('ExpiredToken'), 'expired', 'expired'],
    ['ExpiredTokenException', sdkError('ExpiredTokenException'), 'expired', 'expired'],
    ['RequestExpired', sdkError('RequestExpired'), 'expired', 'expired'],
    ['an unknown key', sdkError('InvalidClientTokenId', 403), 'unknown-credentials', 'expired'],
    ['UnrecognizedClient', sdkError('UnrecognizedClientException'), 'unknown-credentials', 'expired'],
    ['a wrong signature', sdkError('SignatureDoesNotMatch', 403), 'unknown-credentials', 'expired'],
    ['a clock that S3 finds wrong', sdkError('RequestTimeTooSkewed', 403), 'skewed', 'skewed'],
    [
      'a clock that others find wrong',
      Object.assign(sdkError('SignatureDoesNotMatch', 403), { message: 'Signature not yet current: …' }),
      ...(['skewed', 'skewed'] as const),
    ],
    ['AccessDenied', sdkError('AccessDenied', 403), 'denied', 'denied'],
    ['AccessDeniedException', sdkError('AccessDeniedException'), 'denied', 'denied'],
    ['UnauthorizedOperation', sdkError('UnauthorizedOperation', 403), 'denied', 'denied'],
    ['AuthFailure of EC2', sdkError('AuthFailure', 401), 'denied', 'denied'],
    ['a HEAD that S3 forbids', sdkError('403', 403), 'denied', 'denied'],
    ['a name without address', sdkError('Error', undefined, 'ENOTFOUND'), 'unreachable', 'lost'],
    ['a closed port', sdkError('Error', undefined, 'ECONNREFUSED'), 'unreachable', 'lost'],
    ['a broken connection', sdkError('Error', undefined, 'ECONNRESET'), 'lost', 'lost'],
    ['a late answer', sdkError('TimeoutError', undefined), 'lost', 'lost'],
    ['status 503', sdkError('InternalFailure', 503), 'lost', 'lost'],
    ['no error of AWS', new Error('boom'), 'lost', 'lost'],
    ['nothing', undefined, 'lost', 'lost'],
    ['ValidationError', sdkError('ValidationError'), 'refused', 'refused'],
    ['a refresh in progress', sdkError('InstanceRefreshInProgressFault'), 'refused', 'refused'],
  ])('%s', (_, error, kind, failure) => {
    expect([awsErrorKind(error), callFailure(error)]).toEqual([kind, failure]);
  });
});

describe('what an AWS error says', () => {
  it.each([
    ['InstanceRefreshInProgressFault', ['InstanceRefreshInProgress'], true],
    ['InstanceRefreshInProgress', ['InstanceRefreshInProgress'], true],
    ['RepositoryNotFoundException', ['ImageNotFoundException', 'RepositoryNotFoundException'], true],
    ['ValidationError', ['InstanceRefreshInProgress'], false],
    ['ValidationError', [], false],
  ])('%s is one of %j: %s', (name, names, expected) => {
    expect(isAwsError(sdkError(name), ...names)).toBe(expected);
  });

  it('is never empty, whatever was thrown', () => {
    expect(errorText(sdkError('Throttling'))).toBe('Throttling: said AWS');
    expect(errorText('boom')).toBe('boom');
    expect(errorText(undefined)).toBe('undefined');
  });

  it('has a name and a status where there are any', () => {
    expect([errorName(sdkError('NoSuchKey', 404)), httpStatus(sdkError('NoSuchKey', 404))]).toEqual([
      'NoSuchKey',
      404,
    ]);
    expect([errorName('boom'), httpStatus(undefined)]).toEqual(['', undefined]);
  });
});
