import { describe, expect, it } from '@jest/globals';
import { chmodSync, realpathSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../src/run/command.ts';
import { temporaryFolder } from '../support/folders.ts';
import { newRun } from './helpers.ts';

describe('runCommand', () => {
  it('returns exit code, stdout and stderr, and shows nothing', async () => {
    const run = newRun();
    const result = await runCommand(run, 'sh', ['-c', 'printf "öne\\ntwo"; echo three >&2; exit 3']);
    expect(result).toEqual({ exitCode: 3, stdout: 'öne\ntwo', stderr: 'three\n' });
    expect(run.lines).toEqual([]);
  });

  it('hands arguments on as they are, and runs a program whose path has spaces and backslashes', async () => {
    const program = join(temporaryFolder('a folder'), 'say \\it');
    writeFileSync(program, '#!/bin/sh\nfor each; do echo "[$each]"; done\n');
    chmodSync(program, 0o755);
    const { stdout } = await runCommand(newRun(), program, ['{{json .}}', 'a "b" c', "it's", '$HOME', '']);
    expect(stdout).toBe('[{{json .}}]\n[a "b" c]\n[it\'s]\n[$HOME]\n[]\n');
  });

  it('runs in a folder and with variables laid over those of the job', async () => {
    process.env.STATE_of_the_action = 'x';
    const folder = temporaryFolder('here');
    const { stdout } = await runCommand(newRun(), 'sh', ['-c', 'pwd; echo $MORE; env'], {
      cwd: folder,
      env: { MORE: 'yes', HOME: undefined },
    });
    const [place, more, ...variables] = stdout.split('\n');
    // Where the folder for temporary files is a link, as on macOS, a shell may say either name.
    expect([realpathSync(place ?? ''), more]).toEqual([realpathSync(folder), 'yes']);
    expect(variables.filter((each) => /^(HOME|STATE_)/.test(each))).toEqual([]);
    delete process.env.STATE_of_the_action;
  });

  it('rejects with the system error when the command does not exist', async () => {
    await expect(runCommand(newRun(), 'no-such-command-here', [])).rejects.toMatchObject({
      code: 'ENOENT',
      message: 'spawn no-such-command-here ENOENT',
    });
  });

  it('has an exit code for a command that a signal ended', async () => {
    expect((await runCommand(newRun(), 'sh', ['-c', 'kill -TERM $$'])).exitCode).toBe(128);
  });

  it('does not start after an abort', async () => {
    const run = newRun();
    run.controller.abort(new Error('cancelled'));
    await expect(runCommand(run, 'sh', ['-c', 'exit 0'])).rejects.toThrow('cancelled');
    expect(run.debug).toEqual([]);
  });

  it('does not wait for a command that hangs when the run is cancelled', async () => {
    const run = newRun();
    const folder = await mkdtemp(join(tmpdir(), 'hanging-'));
    const hanging = runCommand(run, 'sh', ['-c', `while [ -e '${folder}' ]; do sleep 0.1; done`]);
    setTimeout(() => run.controller.abort(new Error('cancelled')), 50);
    await expect(hanging).rejects.toThrow('cancelled');
    await rm(folder, { recursive: true });
  });
});
