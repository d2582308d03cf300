import type { InputReader } from './reader.ts';

/** Where a message without encryption does not leave the machine. */
const local = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An address that is a secret: it is never shown. undefined when it was not given. */
export function parseWebhookUrl(reader: InputReader, name: string): string | undefined {
  const text = reader.text(name);
  if (text === undefined || isWebhookUrl(text)) return text;
  return reader.refuse(
    name,
    undefined,
    'give an address that begins with https://, from a secret of the repository',
  );
}

/** Whether it is an address to which a run may be told. Pure. */
export function isWebhookUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && local.has(url.hostname));
}

/** Shorter ones are words, regions and versions, which the rest of a log is full of. */
const shortestPart = 16;
/** What a value is that is called so, is secret at a lesser length. */
const secretName = /sig|token|key|secret|code|pass|auth/i;
const shortestNamed = 6;

/**
 * What is secret of an address besides the whole of it, as a message may show parts alone: its path and query, and in them
 * what is long enough for a secret. `/api/notify` hides nothing. Pure.
 */
export function secretPartsOf(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { pathname, search, searchParams, password } = new URL(address);
  const values = search
    .slice(1)
    .split('&')
    .map((each) => each.slice(each.indexOf('=') + 1));
  const parts = [pathname, pathname + search, ...pathname.split('/'), ...values, ...searchParams.values()];
  const named = [...searchParams].filter(
    ([name, value]) => secretName.test(name) && value.length >= shortestNamed,
  );
  const found = [
    ...parts.filter(isLikeSecret),
    ...named.flatMap(([, value]) => [value, encodeURIComponent(value)]),
    ...(password.length >= shortestNamed ? [password] : []),
  ];
  return [...new Set(found)];
}

/** Words alone, such as a route's, are none. */
function isLikeSecret(text: string): boolean {
  return text.length >= shortestPart && /[0-9A-Z]/.test(text);
}
