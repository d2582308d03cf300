import { gunzipSync } from 'node:zlib';

/** Secrets, or names of them, by what they are. */
export type Secrets = Readonly<Record<string, string>>;
/** What was written where. */
export type Places = Readonly<Record<string, readonly (string | Buffer)[]>>;

/** base64 of a text that stands in a longer one: what is the same whatever is before and after it, for each alignment. */
function base64Of(text: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), text]);
    const whole = padded.toString('base64').replace(/=+$/, '');
    const first = before === 0 ? 0 : before + 1;
    const last = padded.length % 3 === 0 ? whole.length : whole.length - 1;
    return whole.slice(first, last);
  });
}

const asJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** As Go writes JSON, and so Terraform and Docker do. */
const asGoJson = (text: string): string =>
  asJson(text).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);

const asHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Every way in which a text may be written down, by its name; the same text once. Pure. */
export function formsOf(secret: string): Map<string, string> {
  const base64 = base64Of(Buffer.from(secret));
  const ways: [string, string][] = [
    ['as it is', secret],
    ['JSON', asJson(secret)],
    ['JSON of Go', asGoJson(secret)],
    ['JSON in JSON', asJson(asJson(secret))],
    ['URL', encodeURIComponent(secret)],
    ['form', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['HTML', asHtml(secret)],
    ...base64.map((text): [string, string] => ['base64', text]),
    ...base64.map((text): [string, string] => ['base64url', text.replaceAll('+', '-').replaceAll('/', '_')]),
    ['hex', Buffer.from(secret).toString('hex')],
  ];
  const forms = new Map<string, string>();
  for (const [way, text] of ways) if (!forms.has(text)) forms.set(text, way);
  return forms;
}

/** What there is in a file, packed or not. */
function unpacked(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return bytes.length > 2 && bytes.readUInt16BE(0) === 0x1f8b ? gunzipSync(bytes) : bytes;
}

/**
 * Looks for secrets in every form that it knows, also in what gzip has packed. Pure.
 *
 * @returns by place what was found there, "name (form)"; places with nothing in them are left out
 */
export function sweep(secrets: Secrets, places: Places): Record<string, string[]> {
  const wanted = Object.entries(secrets).flatMap(([name, secret]) => {
    if (secret.length < 12) throw new Error(`${name} is too short to be told from chance`);
    return [...formsOf(secret)].map(([text, form]) => ({ name, form, bytes: Buffer.from(text) }));
  });
  const found: Record<string, string[]> = {};
  for (const [place, contents] of Object.entries(places)) {
    const seen = new Set<string>();
    for (const content of contents.map(unpacked))
      for (const { name, form, bytes } of wanted) if (content.includes(bytes)) seen.add(`${name} (${form})`);
    if (seen.size > 0) found[place] = [...seen].toSorted();
  }
  return found;
}
