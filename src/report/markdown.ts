/** GitHub's Markdown, in which what others said stays what it is: neither Markdown nor HTML, nor the end of a cell. */

/** Characters of one text of others, which may be whole logs. */
const longestText = 4000;

/** Plain text. */
export function escape(text: string): string {
  return clipped(text)
    .replace(/[\\|<>[\]*_`]/g, '\\$&')
    .replaceAll('\n', '<br>');
}

/** Text in the font of code, in a table too. GitHub shows no line break within <code>. */
export function code(text: string, longest = longestText): string {
  return clipped(text, longest)
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : `<code>${html(line).replaceAll('|', '&#124;')}</code>`))
    .join('<br>');
}

/** Lines with columns of their own. */
export function preformatted(lines: readonly string[]): string {
  return `<pre>\n${html(lines.join('\n'))}\n</pre>`;
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

/** The end of a log says more than its beginning. */
function clipped(text: string, longest = longestText): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest / 4)}\n… ${text.length - longest} characters left out …\n${text.slice(-(longest * 3) / 4)}`;
}
