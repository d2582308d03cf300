import { bytesOf, linesWithin } from './markdown.ts';

/** A part of a text whose size is limited: one that can be shortened says how. */
export interface Section {
  text: string;
  /** What it is called where there is no room for it at all; one without a name is short by itself, and always there. */
  name?: string;
  /** The same in about so many bytes, with a sentence that says what is missing. */
  shorten?: (bytes: number) => string;
}

/** What a shortened section has at the least: room for the sentence that says so. */
const least = 400;

/** Bytes that are kept free for what stands around lines, and for the sentence. */
const around = 300;

/**
 * The sections, one below the other, in at most so many bytes where those that are always there leave the room: what
 * comes last is shortened first, and then left out first. Pure.
 */
export function fitted(sections: readonly Section[], bytes: number): string {
  const parts = sections
    .filter(({ text }) => text !== '')
    .map((section) => ({ ...section, bytes: bytesOf(section.text) }));
  const leftOut: string[] = [];
  const excess = (): number =>
    parts.reduce((sum, part) => sum + (part.text === '' ? 0 : part.bytes + 2), 0) +
    bytesOf(sayLeftOut(leftOut)) +
    1 -
    bytes;
  const put = (part: (typeof parts)[number], text: string): void =>
    void Object.assign(part, { text, bytes: bytesOf(text) });
  for (const part of parts.toReversed())
    if (part.shorten && excess() > 0) put(part, part.shorten(Math.max(least, part.bytes - excess())));
  for (const part of parts.toReversed()) {
    if (part.name === undefined || excess() <= 0) continue;
    leftOut.unshift(part.name);
    put(part, '');
  }
  const texts = [...parts.map(({ text }) => text), sayLeftOut(leftOut)];
  return `${texts.filter((text) => text !== '').join('\n\n')}\n`;
}

/** Lines of which only the first are shown where there is little room. `what` they are called, in the plural. */
export function cuttable(
  lines: readonly string[],
  what: string,
  show: (kept: readonly string[]) => string,
): Section {
  if (lines.length === 0) return { text: '' };
  const shorten = (bytes: number): string => {
    const { kept, left } = linesWithin(lines, bytes - around);
    return [
      kept.length === 0 ? '' : show(kept),
      left === 0 ? '' : cut(`${left} more ${what} are left out here`, ': the log has all of them'),
    ]
      .filter((part) => part !== '')
      .join('\n\n');
  };
  return { text: show(lines), name: what, shorten };
}

/** Says that something is not there, and where it is. */
export function cut(what: string, where = ''): string {
  return `_${what}, because GitHub takes no longer text${where}._`;
}

function sayLeftOut(names: readonly string[]): string {
  return names.length === 0 ? '' : cut(`Left out here: ${names.join(', ')}`);
}
