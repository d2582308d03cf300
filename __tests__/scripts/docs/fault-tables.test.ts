import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withFaultTables } from '../../../scripts/docs/fault-tables.ts';

const document = readFileSync(fileURLToPath(new URL('../../../docs/faults.md', import.meta.url)), 'utf8');

it('docs/faults.md tells what the tests look for; `npm run docs` writes it', () => {
  expect(document).toBe(withFaultTables(document));
});

it('makes a row of each fault, with its reason where it ends a run', () => {
  expect(document).toContain(
    '| A guard alarm goes off | `alarm`: the new version set off the alarm errors | The version before serves again, on all instances. |',
  );
});
