import { parseReference } from '../core/index.ts';
import type { InputReader } from './reader.ts';

/** An image by tag, digest or reference; undefined when it was not given. */
export function imageReference(reader: InputReader, name: string): string | undefined {
  const text = reader.text(name);
  if (text !== undefined && parseReference(text) === undefined)
    reader.refuse(
      name,
      text,
      'give a tag, a digest (sha256: and 64 hex digits) or registry/repository:tag; names of repositories are lower case',
    );
  return text;
}
