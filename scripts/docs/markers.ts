/**
 * A document with other lines between `<!-- name … -->` and `<!-- /name -->`.
 * @throws Error when it has no such markers
 */
export function replaceBetween(text: string, name: string, lines: readonly string[]): string {
  const opening = [`<!-- ${name} -->`, `<!-- ${name}:`].map((marker) => text.indexOf(marker));
  const start = text.indexOf('-->', Math.max(...opening)) + 3;
  const end = text.indexOf(`<!-- /${name} -->`);
  if (Math.max(...opening) < 0 || end < start)
    throw new Error(`There are no markers for the table of ${name}.`);
  return `${text.slice(0, start)}\n${lines.join('\n')}\n${text.slice(end)}`;
}
