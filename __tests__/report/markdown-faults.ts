/** What would break the page that GitHub makes of a text: the parts that a cut may leave open. */
export function markdownFaults(text: string): string[] {
  const faults: string[] = [];
  let fence = '';
  let cells = 0;
  const open = new Map<string, number>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, mark = ''] = /^ {0,3}(```+)/.exec(line) ?? [];
    if (fence !== '') {
      if (mark !== '' && line.trim() === fence) fence = '';
      continue;
    }
    if (mark !== '') {
      fence = mark;
      continue;
    }
    for (const [, slash = '', tag = ''] of line
      .replaceAll(/\\./g, '')
      .matchAll(/<(\/?)(pre|details|summary|code|sub)>/g))
      open.set(tag, (open.get(tag) ?? 0) + (slash === '' ? 1 : -1));
    // Cells are counted within a table; the line that begins one says how many there are.
    const own = line.startsWith('|') ? line.replaceAll(/\\./g, '').split('|').length : 0;
    if (own > 0 && cells > 0 && own !== cells) faults.push(`a row of ${own - 2} cells: ${line.slice(0, 80)}`);
    if (own > 0 && !line.endsWith('|')) faults.push(`a row without an end: ${line.slice(0, 80)}`);
    cells = own;
  }
  if (fence !== '') faults.push('a fence without an end');
  for (const [tag, count] of open) if (count !== 0) faults.push(`<${tag}> is not closed`);
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text))
    faults.push('half a character');
  return faults;
}
