import { bytesOf } from './markdown.ts';

/** A part of a text whose size is limited: one that can be shortened says how. */
export interface Section {
  text: string;
  /** The same in about so many bytes, with a sentence that says what is missing. */
  shorten?: (bytes: number) => string;
}

/** What a shortened section has at the least: room for the sentence that says so. */
const least = 400;

/**
 * The sections, one below the other, in at most so many bytes where those that can't be shortened leave the room: what
 * comes last is shortened first. Pure.
 */
export function fitted(sections: readonly Section[], bytes: number): string {
  const parts = sections.filter(({ text }) => text !== '').map(({ text, shorten }) => ({ text, shorten }));
  const size = (): number => parts.reduce((sum, { text }) => sum + bytesOf(text) + 2, 0);
  for (const part of parts.toReversed()) {
    const excess = size() - bytes;
    if (excess <= 0) break;
    if (part.shorten) part.text = part.shorten(Math.max(least, bytesOf(part.text) - excess));
  }
  return `${parts.map(({ text }) => text).join('\n\n')}\n`;
}
