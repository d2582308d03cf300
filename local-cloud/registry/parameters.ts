/** Reading the parameters of a JSON call, which AWS's model has been asked about before. */
import { type ApiCall, ApiError } from '../gateway/index.ts';

/** A text that the model requires. */
export function requiredText(parameters: ApiCall['parameters'], name: string): string {
  const value = parameters[name];
  return typeof value === 'string' ? value : '';
}

/** One page of a list; the token is where the next one starts. */
export function page<Item>(
  all: readonly Item[],
  parameters: ApiCall['parameters'],
): { items: Item[]; nextToken?: string } {
  const size = typeof parameters.maxResults === 'number' ? parameters.maxResults : 100;
  const token = typeof parameters.nextToken === 'string' ? parameters.nextToken : undefined;
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) {
    throw new ApiError('InvalidParameterException', "Invalid parameter at 'nextToken'");
  }
  const end = start + size;
  const nextToken = end < all.length ? Buffer.from(String(end)).toString('base64url') : undefined;
  return { items: all.slice(start, end), nextToken };
}
