import { stripVTControlCharacters } from 'node:util';

/** Names whose value is nobody's business, as they appear in assignments, JSON and command lines. */
const secretName =
  '[\\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie|signature|dsn)[\\w.-]*';

/** Each pattern keeps what its groups 1 and 2 match and replaces what is between them. */
const patterns: RegExp[] = [
  // A private key, whole or cut off by the end of the console's buffer.
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // postgres://user:password@host: the user may stay, the password may not; it may hold an @ of its own.
  /([a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:)[^\s"'/]+(@)/gi,
  /(\b(?:Bearer|Basic)\s+)[A-Za-z0-9+/_.=~-]{8,}()/gi,
  new RegExp(`(["']${secretName}["']\\s*[:=]\\s*["'])(?:[^"'\\\\]|\\\\.)+(["'])`, 'gi'),
  new RegExp(`(\\b${secretName}\\s*[=:]\\s*)(?:"[^"]*"|'[^']*'|[^\\s,;&"']+)()`, 'gi'),
  new RegExp(`(--?${secretName}\\s+)(?!-)\\S+()`, 'gi'),
];

/** Tokens that are secret wherever they stand. */
const tokens: RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk_live_\w{10,})/g,
];

/**
 * Text that came from an instance, fit to be shown: what looks like a password, a token, an AWS key or the
 * credentials of a URL becomes ***; colours and control characters go; and a line can't be read by the runner as a
 * workflow command (`::error::`, `##[…]`).
 */
export function mask(text: string): string {
  let shown = stripVTControlCharacters(text).replace(/(?![\t\n])\p{Cc}/gu, '');
  for (const pattern of patterns) shown = shown.replace(pattern, '$1***$2');
  for (const token of tokens) shown = shown.replace(token, '***');
  return shown.replace(/^(\s*)(::|##\[)/gm, '$1· $2');
}
