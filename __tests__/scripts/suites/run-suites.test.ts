import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Suite } from '../../../scripts/suites/run-suite.ts';
import { runSuites } from '../../../scripts/suites/run-suites.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'asg-run-suites-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const suite = (title: string, script: string, more: Partial<Suite> = {}): Suite => ({
  ...{ title, command: process.execPath, parameters: ['-e', script], report: 'exit code' },
  ...more,
});
/** Ends when the other one of two has begun as well, with 1 when that does not happen. */
const meets = (own: string, other: string): string => `
  const { existsSync, writeFileSync } = require('node:fs');
  writeFileSync(${JSON.stringify(own)}, '');
  console.log('meets');
  setTimeout(() => process.exit(1), 30_000);
  setInterval(() => existsSync(${JSON.stringify(other)}) && process.exit(0), 20);`;

it('runs two at a time, what needs both processors alone, and shows one after the other', async () => {
  const [here, there, alone] = ['here', 'there', 'alone'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const writes = `require('node:fs').writeFileSync(${JSON.stringify(alone)}, '')`;
  const wantsNobody = `process.exitCode = require('node:fs').existsSync(${JSON.stringify(alone)}) ? 1 : 0`;
  const shown: string[] = [];
  const results = await runSuites(
    [
      suite('first', meets(here, there)),
      suite('second', meets(there, here)),
      suite('third', `setTimeout(() => { ${wantsNobody} }, 500)`),
      suite('alone', writes, { processors: 2 }),
      suite('fails', 'process.exitCode = 1'),
    ],
    { root: folder, path: process.env.PATH ?? '' },
    (line) => shown.push(line.replace(/\d+\.\d s$/, '')),
  );
  expect(results.map(({ passed }) => passed)).toEqual([1, 1, 1, 1, 0]);
  expect(shown).toEqual([
    ...['\n━━ first', 'meets', '1 passed, 0 failed in '],
    ...['\n━━ second', 'meets', '1 passed, 0 failed in '],
    ...['\n━━ third', '1 passed, 0 failed in '],
    ...['\n━━ alone', '1 passed, 0 failed in '],
    ...['\n━━ fails', '0 passed, 1 failed in '],
  ]);
});

it.each([true, false])('ends what runs when it is interrupted, and starts no more: %s', async (more) => {
  const [begun, never] = [join(folder, `begun-${more}`), join(folder, 'never')];
  const writes = (file: string): string => `require('node:fs').writeFileSync(${JSON.stringify(file)}, '')`;
  const interruption = new AbortController();
  const running = runSuites(
    [
      suite('goes on', `${writes(begun)}; setInterval(() => {}, 1000)`, { processors: 2 }),
      ...(more ? [suite('never', writes(never))] : []),
    ],
    { root: folder, path: process.env.PATH ?? '', signal: interruption.signal },
    () => undefined,
  );
  while (!existsSync(begun)) await delay(20);
  interruption.abort(new Error('interrupted by SIGINT'));
  await expect(running).rejects.toThrow('interrupted by SIGINT');
  expect(existsSync(never)).toBe(false);
});

it('counts one that can not be run at all as failed, and runs the others', async () => {
  const broken = { ...suite('broken', ''), parameters: undefined } as unknown as Suite;
  const results = await runSuites(
    [broken, suite('whole', '')],
    { root: folder, path: process.env.PATH ?? '' },
    () => undefined,
  );
  expect(results).toMatchObject([
    { failed: 1, failures: [{ name: 'broken' }] },
    { passed: 1, failed: 0 },
  ]);
});
