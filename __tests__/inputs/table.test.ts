import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { withTables } from '../../scripts/docs.ts';
import { inputDefaults } from '../../src/inputs/table.ts';

describe('action.yml', () => {
  interface Metadata {
    inputs: Record<string, { description: string; default?: string; required?: boolean }>;
    runs: { using: string; main: string; post: string };
  }

  it('has the same inputs and defaults as the parser', async () => {
    const metadata = parse(await readFile('action.yml', 'utf8')) as Metadata;
    const defaults = Object.entries(metadata.inputs).map(([name, input]) => [name, input.default ?? '']);
    expect(Object.fromEntries(defaults)).toEqual(inputDefaults);
    expect(Object.keys(inputDefaults)).toEqual(Object.keys(metadata.inputs));
    expect(metadata.runs.using).toBe('node24');
  });

  it('names entries that are in dist/', async () => {
    const { runs } = parse(await readFile('action.yml', 'utf8')) as Metadata;
    expect([runs.main, runs.post].map((entry) => existsSync(entry))).toEqual([true, true]);
  });

  it('says what the tables of the README say', async () => {
    const readme = await readFile('README.md', 'utf8');
    expect(
      withTables(readme, parse(await readFile('action.yml', 'utf8')) as Metadata & { outputs: never }),
    ).toBe(readme);
  });

  it('says what each input is for', async () => {
    const metadata = parse(await readFile('action.yml', 'utf8')) as Metadata;
    for (const { description } of Object.values(metadata.inputs))
      expect(description.trim()).toMatch(/\.$|\/$/);
  });
});
