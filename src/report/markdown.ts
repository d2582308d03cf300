import { stripVTControlCharacters } from 'node:util';

/** GitHub's Markdown, in which what others said stays what it is: neither Markdown nor HTML, nor the end of a cell. */

/** Characters of one text of others, which may be whole logs, and of one line. */
const longestText = 4000;
const longestLine = 1000;

const lineBreak = /\r\n|\r|\n/;

/** Plain text; the addresses in it stay links. */
export function escape(text: string, longest = longestText): string {
  return clipped(stripVTControlCharacters(text), longest)
    .trim()
    .split(/(https?:\/\/[^\s<>|`\\]+)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\|<>[\]*_`~&]/g, '\\$&')))
    .join('')
    .split(lineBreak)
    .join('<br>');
}

/** Text in the font of code, in a table too. GitHub shows no line break within <code>, and reads Markdown there. */
export function code(text: string, longest = longestText): string {
  return clipped(stripVTControlCharacters(text), longest)
    .trim()
    .split(lineBreak)
    .map((line) => (line.trim() === '' ? '' : `<code>${literal(line)}</code>`))
    .join('<br>');
}

/** Lines with columns of their own. */
export function preformatted(lines: readonly string[]): string {
  return `<pre>\n${html(lines.join('\n'))}\n</pre>`;
}

/** Each line of the lines by itself, none of them endless. */
export function separateLines(lines: readonly string[]): string[] {
  return lines.flatMap((line) => stripVTControlCharacters(line).split(lineBreak)).map(countedLine);
}

export function link(label: string, address: string): string {
  return `[${escape(label)}](${address.replaceAll(')', '%29').replaceAll(' ', '%20')})`;
}

/** What is shown when it is opened. */
export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** As GitHub counts: bytes of UTF-8. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

/** The first of the lines that fit, and how many are left out. Pure. */
export function linesWithin(lines: readonly string[], bytes: number): { kept: string[]; left: number } {
  let room = bytes;
  const end = lines.findIndex((line) => {
    // An ampersand or angle bracket may take five bytes more.
    room -= bytesOf(html(line)) + 1;
    return room < 0;
  });
  const kept = end === -1 ? [...lines] : lines.slice(0, end);
  return { kept, left: lines.length - kept.length };
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What Markdown would take for a sign of its own, between tags of HTML; an underscore within a word is none. */
function literal(line: string): string {
  return html(line)
    .replaceAll('|', '&#124;')
    .replace(/[\\`*[\]~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}

/** The end of a log says more than its beginning. */
function clipped(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const head = wholeCharacters(text.slice(0, longest / 4));
  const tail = wholeCharacters(text.slice(-(longest * 3) / 4));
  return `${head}\n… ${text.length - head.length - tail.length} characters left out …\n${tail}`;
}

/** The beginning of a line that is longer than so many characters. */
export function clippedLine(line: string, longest: number): string {
  return line.length <= longest ? line : `${wholeCharacters(line.slice(0, longest - 1))}…`;
}

function countedLine(line: string): string {
  if (line.length <= longestLine) return line;
  const kept = wholeCharacters(line.slice(0, longestLine));
  return `${kept}… (${line.length - kept.length} more characters)`;
}

/** Without the half of a pair of surrogates that a cut may have left at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '');
}
