import { textsIn } from '../core/index.ts';

/**
 * Shorter texts are not masked: three characters turn up by chance in every version, duration and id, so that hiding
 * them shows nothing but where they are, and makes the rest unreadable. So do five digits: a port, a size. Nor are the
 * words masked that every JSON is full of.
 */
const shortest = 4;
const shortestNumber = 6;
const commonWords = new Set(['true', 'false', 'null', 'none']);

interface PublicName {
  /** "the application" */
  what: string;
  /** Whether a part of it is public as well. */
  parts: boolean;
}

/** What a run has to keep to itself, and the names that anybody may read, which no secret hides. */
export class Secrets {
  /** Longest first: a secret that another one begins with must not leave the rest of that. */
  #values: string[] = [];
  readonly #public = new Map<string, PublicName>();

  /**
   * From here on the value is secret: the whole, each of its lines, and each text in it where it is JSON.
   *
   * @returns what is new in that, and the public names that keep some of it from being hidden
   */
  add(value: string): { added: string[]; shownBy: string[] } {
    const added: string[] = [];
    const shownBy = new Set<string>();
    for (const part of partsOf(value)) {
      const name = this.#publicNameWith(part);
      if (name !== undefined) shownBy.add(name);
      else if (!this.#values.includes(part)) added.push(part);
    }
    this.#values = [...this.#values, ...added].sort((one, other) => other.length - one.length);
    return { added, shownBy: [...shownBy] };
  }

  /**
   * From here on these are public.
   *
   * @param names what each is, and its value
   * @param parts whether every part of them is, too
   * @returns what each of them is that a secret hid until now
   */
  publish(names: Readonly<Record<string, string>>, parts: boolean): string[] {
    return Object.entries(names).flatMap(([what, value]) => {
      if (value === '') return [];
      const known = this.#public.get(value);
      this.#public.set(value, { what: known?.what ?? what, parts: parts || known?.parts === true });
      const before = this.#values.length;
      this.#values = this.#values.filter((secret) => this.#publicNameWith(secret) === undefined);
      return this.#values.length < before ? [what] : [];
    });
  }

  /** The text with every secret as ***. */
  mask(text: string): string {
    let masked = text;
    for (const secret of this.#values) masked = masked.replaceAll(secret, '***');
    return masked;
  }

  #publicNameWith(part: string): string | undefined {
    const same = this.#public.get(part);
    if (same !== undefined) return same.what;
    return [...this.#public].find(([value, { parts }]) => parts && value.includes(part))?.[1].what;
  }
}

function partsOf(value: string): Set<string> {
  const texts = [value, ...value.split(/\r?\n/), ...textsOfJson(value)];
  const whole = texts.flatMap((text) => [text, text.trim()]);
  return new Set(
    whole.filter((text) => {
      const word = text.trim();
      const least = /^\d+$/.test(word) ? shortestNumber : shortest;
      return word.length >= least && !commonWords.has(word.toLowerCase());
    }),
  );
}

function textsOfJson(text: string): string[] {
  if (!/^\s*[[{"]/.test(text)) return [];
  try {
    return textsIn(JSON.parse(text));
  } catch {
    return [];
  }
}
