import { describe, expect, it } from '@jest/globals';
import { leadingKeys } from '../../../local-cloud/iam/items.ts';

const id = (value: string) => ({ LockID: { S: value } });

describe('the items that a call is about', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['GetItem', { TableName: 'locks', Key: id('a') }, ['a']],
    ['PutItem', { TableName: 'locks', Item: { ...id('a'), Digest: { S: 'b' } } }, ['a']],
    [
      'BatchWriteItem',
      {
        RequestItems: {
          locks: [{ PutRequest: { Item: id('a') } }, { DeleteRequest: { Key: id('b') } }],
          others: [{ PutRequest: { Item: id('c') } }],
        },
      },
      ['a', 'b'],
    ],
    ['BatchGetItem', { RequestItems: { locks: { Keys: [id('a'), id('a'), id('b')] } } }, ['a', 'b']],
    [
      'Query',
      {
        TableName: 'locks',
        KeyConditionExpression: '#k = :k AND at > :at',
        ExpressionAttributeNames: { '#k': 'LockID' },
        ExpressionAttributeValues: { ':k': { S: 'a' }, ':at': { N: '1' } },
      },
      ['a'],
    ],
    ['Scan', { TableName: 'locks' }, []],
    ['a key that is a number', { Key: { LockID: { N: '7' } } }, ['7']],
  ])('of %s', (_, parameters, keys) => {
    expect(leadingKeys(parameters, 'locks', 'LockID')).toEqual(keys);
  });
});
