/** Writes the tables of README.md from action.yml, their one source; `--check` only says whether they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Metadata {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>;
  outputs: Record<string, { description: string }>;
}

/** One line of Markdown text that is safe inside a table cell. */
function cell(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|');
}

/** The README with both tables made anew from `metadata`; throws when a marker is missing. */
export function withTables(readme: string, metadata: Metadata): string {
  const inputs = Object.entries(metadata.inputs).map(
    ([name, { description, default: value, required }]) =>
      `| \`${name}\` | ${required ? '**required**' : value ? `\`${value}\`` : ''} | ${cell(description)} |`,
  );
  const outputs = Object.entries(metadata.outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)} |`,
  );
  const tables = {
    inputs: ['| input | default | what it is |', '|---|---|---|', ...inputs],
    outputs: ['| output | what it is |', '|---|---|', ...outputs],
  };
  return Object.entries(tables).reduce((text, [name, rows]) => replaceBetween(text, name, rows), readme);
}

function replaceBetween(text: string, name: string, rows: string[]): string {
  const opening = text.indexOf(`<!-- ${name}:`);
  const start = text.indexOf('-->', opening) + 3;
  const end = text.indexOf(`<!-- /${name} -->`);
  if (opening < 0 || end < start) throw new Error(`README.md has no markers for the table of ${name}.`);
  return `${text.slice(0, start)}\n${rows.join('\n')}\n${text.slice(end)}`;
}

if (import.meta.main) {
  const readme = readFileSync('README.md', 'utf8');
  const wanted = withTables(readme, parse(readFileSync('action.yml', 'utf8')) as Metadata);
  if (!process.argv.includes('--check')) writeFileSync('README.md', wanted);
  else if (wanted !== readme) {
    console.error(
      'The tables of README.md differ from action.yml. Run `npm run docs` and commit the result.',
    );
    process.exitCode = 1;
  }
}
