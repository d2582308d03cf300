import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeFolder } from '../../../local-cloud/host/index.ts';
import { pythonProgramFolder } from '../../../local-cloud/setup/index.ts';
import { runSuite } from '../../../scripts/suites/run-suite.ts';
import { ensureTools, makeToolPath, type Tool, tools } from '../../../scripts/suites/tools.ts';
import { temporaryFolder } from '../../support/folders.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const outer = process.env.PATH;
let folder: string;

/** A program on the PATH of whoever runs the tests. */
function plant(name: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho "$0" >"${folder}/called-${name}"\n`);
  chmodSync(join(folder, name), 0o755);
}

beforeEach(() => {
  folder = temporaryFolder('planted');
  process.env.PATH = `${folder}${delimiter}${outer}`;
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(console, 'log').mockReturnValue();
  jest.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => {
  process.env.PATH = outer;
  jest.restoreAllMocks();
});

/** Makes a package that ships one program, as wheels do, in the folder of the test. */
const makeWheel = `
import os, sys, zipfile
folder, name, version = sys.argv[1:]
stem = f'{name}-{version}'
program = zipfile.ZipInfo(f'{stem}.data/scripts/planted-program')
program.external_attr = 0o100755 << 16
with zipfile.ZipFile(os.path.join(folder, f'{stem}-py3-none-any.whl'), 'w') as wheel:
    wheel.writestr(program, f'#!/bin/sh\\necho {version}\\n')
    wheel.writestr(f'{stem}.dist-info/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n')
    wheel.writestr(f'{stem}.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(f'{stem}.dist-info/RECORD', '')
`;

/** What a suite comes to that calls these programs by name, one after the other. */
async function suiteThatCalls(names: string[], table: Tool[]) {
  const { path, remove } = await makeToolPath('unit', root, table);
  const script = `for (const name of ${JSON.stringify(names)}) {
    if (require('node:child_process').spawnSync(name).status !== 0) process.exitCode = 1;
  }`;
  try {
    return await runSuite(
      { title: 'calls', command: 'node', parameters: ['-e', script], report: 'exit code' },
      { root, path },
    );
  } finally {
    remove();
  }
}

describe('the tools of the tests', () => {
  it('are found when the table has them, and a program that a machine has by chance is not', async () => {
    plant('declared-tool');
    plant('undeclared-tool');
    const table = [...tools, { name: 'declared-tool', without: 'half' } as const];
    expect(await suiteThatCalls(['declared-tool', 'sh'], table)).toMatchObject({ passed: 1, failed: 0 });
    expect(await suiteThatCalls(['undeclared-tool'], table)).toMatchObject({ passed: 0, failed: 1 });
    expect(existsSync(join(folder, 'called-declared-tool'))).toBe(true);
    expect(existsSync(join(folder, 'called-undeclared-tool'))).toBe(false);
  });

  it('are called by one name, whichever program of several does as well', async () => {
    plant('second-choice');
    const table: Tool[] = [{ name: 'one-name', also: ['first-choice', 'second-choice'], without: 'half' }];
    expect(await suiteThatCalls(['one-name'], [...tools, ...table])).toMatchObject({ passed: 1, failed: 0 });
    expect(await ensureTools('unit', () => undefined, table)).toBeUndefined();
  });

  it('belong to the halves that call them', async () => {
    plant('for-the-others');
    const table: Tool[] = [...tools, { name: 'for-the-others', halves: ['e2e'], without: 'half' }];
    expect(await suiteThatCalls(['for-the-others'], table)).toMatchObject({ failed: 1 });
  });

  it('are links in a folder that is removed with the run', async () => {
    plant('declared-tool');
    const { path, remove } = await makeToolPath('unit', root, [{ name: 'declared-tool', without: 'half' }]);
    const link = join(path.split(delimiter).at(-1) ?? '', 'declared-tool');
    expect(readFileSync(link, 'utf8')).toContain('called-declared-tool');
    remove();
    expect(existsSync(link)).toBe(false);
  });

  it('are linked in no folder of a run that was killed', async () => {
    const ended = spawnSync('true').pid;
    const forgotten = join(homeFolder(), `path-${ended}-forgotten`);
    mkdirSync(forgotten);
    const { remove } = await makeToolPath('unit', root, []);
    remove();
    expect(existsSync(forgotten)).toBe(false);
  });

  it('that are pinned are the same on every machine, whatever that has and had', async () => {
    plant('planted-program');
    execFileSync('python3', ['-c', makeWheel, folder, 'planted', '2.0']);
    jest.replaceProperty(process, 'env', { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder });
    const place = pythonProgramFolder('planted-program');
    const said: string[] = [];
    try {
      // An earlier version is there already.
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'planted-program'), '#!/bin/sh\necho 1.0\n', { mode: 0o755 });
      writeFileSync(join(place, '../made-from'), 'planted==1.0');
      const table: Tool[] = [{ name: 'planted-program', without: 'half', pypi: 'planted==2.0' }];
      expect(await ensureTools('unit', (line) => said.push(line), table)).toBeUndefined();
      const { path, remove } = await makeToolPath('unit', root, table);
      expect(
        execFileSync(join(path.split(delimiter).at(-1) ?? '', 'planted-program'), { encoding: 'utf8' }),
      ).toBe('2.0\n');
      remove();
      expect(said).toEqual([expect.stringContaining('pip install planted==2.0')]);
    } finally {
      rmSync(dirname(place), { recursive: true, force: true });
    }
  });

  it.each([
    ['half', 'not on the PATH: no-such-tool', 'the unit tests are skipped'],
    ['its tests', undefined, 'the tests that call it are skipped'],
  ] as const)('that can not be had are said aloud: %s', async (without, missing, consequence) => {
    const said: string[] = [];
    const table: Tool[] = [{ name: 'no-such-tool', without }];
    expect(await ensureTools('unit', (line) => said.push(line), table)).toBe(missing);
    expect(said).toEqual([
      `no-such-tool is not on the PATH and can't be installed here: ${consequence}; install no-such-tool and run this again`,
    ]);
  });
});
