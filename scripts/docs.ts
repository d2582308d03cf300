/**
 * Writes the tables of README.md from action.yml, those of terraform/ from its variables and outputs, those of
 * docs/performance.md from what was measured last and those of docs/faults.md from the faults that the tests bring about,
 * their one source each; `--check` only says whether they are up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readResults } from '../bench/results.ts';
import { markdown } from '../bench/table.ts';
import { withFaultTables } from './docs/fault-tables.ts';
import { replaceBetween } from './docs/markers.ts';
import { terraformReadmes, withTerraformTables } from './docs/terraform-readmes.ts';

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

/** Every document with tables that are made: what is written in it, and what should be. */
async function documents(): Promise<{ path: string; written: string; wanted: string }[]> {
  const readme = readFileSync('README.md', 'utf8');
  const wanted = withTables(readme, parse(readFileSync('action.yml', 'utf8')) as Metadata);
  const found = [{ path: 'README.md', written: readme, wanted }];
  for (const path of terraformReadmes) {
    const written = readFileSync(path, 'utf8');
    found.push({ path, written, wanted: await withTerraformTables(path, written) });
  }
  const results = readResults();
  if (results !== undefined) {
    const path = 'docs/performance.md';
    const written = readFileSync(path, 'utf8');
    found.push({ path, written, wanted: replaceBetween(written, 'figures', markdown(results)) });
  }
  const path = 'docs/faults.md';
  const written = readFileSync(path, 'utf8');
  return [...found, { path, written, wanted: withFaultTables(written) }];
}

if (import.meta.main) {
  const stale = (await documents()).filter(({ written, wanted }) => written !== wanted);
  for (const { path, wanted } of stale) {
    if (!process.argv.includes('--check')) writeFileSync(path, wanted);
    else {
      console.error(
        `The tables of ${path} differ from the code. Run \`npm run docs\` and commit the result.`,
      );
      process.exitCode = 1;
    }
  }
}
