import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { CONSOLE_BYTES, readConsole } from '../../../local-cloud/instance/console.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asg-console-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it.each<[string, string, string]>([
  ['a short log whole', 'one\ntwo\n', 'one\ntwo\n'],
  ['nothing of an empty one', '', ''],
  ['the last 64 KB of a long one', `${'x'.repeat(CONSOLE_BYTES)}end`, `${'x'.repeat(CONSOLE_BYTES - 3)}end`],
  ['no half character', `€${'x'.repeat(CONSOLE_BYTES - 1)}`, 'x'.repeat(CONSOLE_BYTES - 1)],
])('gives %s', (_, text, expected) => {
  const file = join(folder, 'console.log');
  writeFileSync(file, text);
  expect(readConsole(file)).toBe(expected);
});

it('gives nothing where there is no log', () => {
  expect(readConsole(join(folder, 'none'))).toBe('');
});
