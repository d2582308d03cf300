import { describe, expect, it } from '@jest/globals';
import { callFailure, isFault } from '../../src/core/aws-error.ts';
import { awsError, lostAnswer } from '../rollout/helpers/simulated-aws.ts';

describe('callFailure', () => {
  it.each([
    [awsError('Throttling', 'Rate exceeded'), 'throttled'],
    [awsError('ThrottlingException'), 'throttled'],
    [awsError('RequestLimitExceeded'), 'throttled'],
    [awsError('ResourceContentionFault', '', 500), 'throttled'],
    [awsError('ExpiredToken'), 'expired'],
    [awsError('ExpiredTokenException'), 'expired'],
    [awsError('CredentialsProviderError'), 'expired'],
    [awsError('AccessDenied', '', 403), 'denied'],
    [awsError('UnauthorizedOperation', '', 403), 'denied'],
    [awsError('InternalFailure', '', 503), 'lost'],
    [lostAnswer(), 'lost'],
    [new Error('boom'), 'lost'],
    [undefined, 'lost'],
    [awsError('ValidationError'), 'refused'],
    [awsError('InstanceRefreshInProgressFault'), 'refused'],
  ])('%s', (error, expected) => {
    expect(callFailure(error)).toBe(expected);
  });

  it('knows an error by its code, with and without the suffix of the SDK', () => {
    expect(isFault(awsError('InstanceRefreshInProgressFault'), 'InstanceRefreshInProgress')).toBe(true);
    expect(isFault(awsError('InstanceRefreshInProgress'), 'InstanceRefreshInProgress')).toBe(true);
    expect(isFault(awsError('ValidationError'), 'InstanceRefreshInProgress')).toBe(false);
  });
});
