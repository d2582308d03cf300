/** Which items of a DynamoDB table a call is about. */
import type { ApiCall } from '../gateway/index.ts';

type Parameters = ApiCall['parameters'];

/** An item or its key: values by attribute, each with its type (`{ S: 'text' }`). */
type Attributes = Record<string, Record<string, unknown> | undefined>;

interface Requests {
  Keys?: Attributes[];
}

interface WriteRequest {
  PutRequest?: { Item?: Attributes };
  DeleteRequest?: { Key?: Attributes };
}

function inBatch(requests: Requests | WriteRequest[]): (Attributes | undefined)[] {
  if (!Array.isArray(requests)) return requests.Keys ?? [];
  return requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key);
}

/** `LockID = :id` in a Query, whose value stands among the expression's. */
function inQuery(parameters: Parameters, partitionKey: string): Attributes[] {
  const {
    KeyConditionExpression = '',
    ExpressionAttributeValues = {},
    ExpressionAttributeNames = {},
  } = parameters as {
    KeyConditionExpression?: string;
    ExpressionAttributeValues?: Attributes;
    ExpressionAttributeNames?: Record<string, string>;
  };
  return [...KeyConditionExpression.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)]
    .filter(([, name = '']) => (ExpressionAttributeNames[name] ?? name) === partitionKey)
    .map(([, , value = '']) => ({ [partitionKey]: ExpressionAttributeValues[value] }));
}

/**
 * The partition keys of the items that a call reads or writes, as `dynamodb:LeadingKeys` has them; none for a Scan.
 * Source: DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control".
 */
export function leadingKeys(parameters: Parameters, table: string, partitionKey: string): string[] {
  const { Key, Item, RequestItems } = parameters as {
    Key?: Attributes;
    Item?: Attributes;
    RequestItems?: Record<string, Requests | WriteRequest[]>;
  };
  const items = [Key, Item, ...inBatch(RequestItems?.[table] ?? []), ...inQuery(parameters, partitionKey)];
  const values = items.flatMap((item) => Object.values(item?.[partitionKey] ?? {})).map(String);
  return [...new Set(values)];
}
