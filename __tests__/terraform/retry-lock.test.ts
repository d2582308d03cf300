import { expect, it } from '@jest/globals';
import { isReleasedLock } from '../../src/terraform/retry-lock.ts';

const ofTable = 'operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: 6jkS';
const ofBucket = 'operation error S3: PutObject, https response error StatusCode: 412, RequestID: 7';
const noObject = 'operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey: gone';

/** What Terraform writes: why it was refused, then what it found when it looked for the holder. */
it.each<[string, string[], boolean]>([
  [
    'an item that is gone',
    [
      `${ofTable}, ConditionalCheckFailedException: The conditional request failed`,
      'unexpected end of JSON input',
    ],
    true,
  ],
  ['an object that is gone', [`${ofBucket}, api error PreconditionFailed: did not hold`, noObject], true],
  [
    'an object that is being deleted',
    ['operation error S3: PutObject, StatusCode: 409, api error ConditionalRequestConflict: busy', noObject],
    true,
  ],
  [
    'a holder that is known',
    [`${ofBucket}, api error PreconditionFailed: did not hold`, 'Lock Info:\n  ID:        7d1c6a5e'],
    false,
  ],
  [
    'a holder that may not be read',
    [
      `${ofBucket}, api error PreconditionFailed: did not hold`,
      'GetObject, StatusCode: 403, AccessDenied: no',
    ],
    false,
  ],
  ['a lock that may not be taken', ['PutObject, StatusCode: 403, AccessDenied: no', noObject], false],
  [
    'a lock of its own that it could not release again',
    [
      `failed to clean up file lock after DynamoDB lock error: ${noObject}; original error: ${ofTable}, ConditionalCheckFailedException`,
    ],
    false,
  ],
])('a lock was released in between: %s', (_, said, released) => {
  const detail = ['Error message:', ...said, '', 'Terraform acquires a state lock'].join('\n');
  expect(isReleasedLock({ severity: 'error', summary: 'Error acquiring the state lock', detail })).toBe(
    released,
  );
  expect(isReleasedLock({ severity: 'error', summary: 'Invalid index', detail })).toBe(false);
});
