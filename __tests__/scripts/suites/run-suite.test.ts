import { afterAll, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isRunning } from '../../../local-cloud/host/index.ts';
import { runSuite } from '../../../scripts/suites/run-suite.ts';
import { endToEndSuites } from '../../../scripts/suites/suites.ts';

const folder = mkdtempSync(join(tmpdir(), 'asg-run-suite-'));
const surroundings = { root: folder, path: process.env.PATH ?? '', show: () => undefined };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('ends with its suite what that started, in whatever process group it is', async () => {
  const file = join(folder, 'pid');
  const stays = "process.on('SIGINT', () => {}); setInterval(() => {}, 1000)";
  const starts = `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stays)}], { detached: true });
    require('node:fs').writeFileSync(${JSON.stringify(file)}, String(pid)); setInterval(() => {}, 1000);`;
  const interruption = new AbortController();
  const result = runSuite(
    { title: 'one that hangs', command: process.execPath, parameters: ['-e', starts], report: 'exit code' },
    { ...surroundings, signal: interruption.signal },
  );
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await delay(20);
  const child = await identifyProcess(Number(readFileSync(file, 'utf8')));
  if (child === undefined) throw new Error('it was not started');
  interruption.abort();
  expect(await result).toMatchObject({ passed: 0, failed: 1 });
  expect(await isRunning(child)).toBe(false);
});

it('names the tests of jest that failed, also where an error holds itself', async () => {
  const root = join(import.meta.dirname, '../../..');
  const test = join(folder, 'circle.test.js');
  writeFileSync(
    test,
    `it('goes round', () => { const error = new Error('round and round'); error.self = { error }; throw error; });
    it('does not', () => {});`,
  );
  const [jest] = endToEndSuites(undefined).filter(({ report }) => report === 'jest');
  if (jest === undefined) throw new Error('no suite of jest');
  const alone = ['--rootDir', folder, '--config', '{}'];
  const parameters = jest.parameters
    .map((each) => each.replace('<rootDir>', root).replace(/^node_modules/, join(root, 'node_modules')))
    .filter((each) => !/^--selectProjects|^e2e$|^--maxWorkers/.test(each));
  const result = await runSuite({ ...jest, parameters: [...parameters, ...alone] }, surroundings);
  expect(result).toMatchObject({ passed: 1, failed: 1, failures: [{ name: 'goes round' }] });
  expect(result.failures?.[0]?.message).toContain('Error: round and round');
});

it('names a suite that names none of its tests, with the end of what it wrote', async () => {
  const writes =
    "for (let n = 1; n <= 100; n += 1) console.log('line ' + n); console.error('and why'); process.exitCode = 1";
  const result = await runSuite(
    { title: 'a linter', command: process.execPath, parameters: ['-e', writes], report: 'exit code' },
    surroundings,
  );
  expect(result).toMatchObject({ failed: 1, failures: [{ name: 'a linter' }] });
  expect(result.failures?.[0]?.message.split('\n')).toEqual(expect.arrayContaining(['line 100', 'and why']));
  expect(result.failures?.[0]?.message).not.toContain('line 1\n');
});
