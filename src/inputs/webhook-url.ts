import type { InputReader } from './reader.ts';

/** Where a message without encryption does not leave the machine. */
const local = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An address that is a secret: it is never shown. undefined when it was not given. */
export function parseWebhookUrl(reader: InputReader, name: string): string | undefined {
  const text = reader.text(name);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local.has(url.hostname))) return text;
  return reader.refuse(
    name,
    undefined,
    'give an address that begins with https://, from a secret of the repository',
  );
}
