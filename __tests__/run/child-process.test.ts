import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childBaseEnvironment, runChild } from '../../src/run/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { newRun } from './helpers.ts';

describe('runChild', () => {
  it('returns exit code, stdout and stderr, and shows both line by line', async () => {
    const run = newRun();
    const result = await runChild(run, 'sh', ['-c', 'printf "one\\r\\ntwo"; echo three >&2; exit 3']);
    expect(result).toEqual({ exitCode: 3, stdout: 'one\r\ntwo', stderr: 'three\n' });
    expect([...run.lines].sort()).toEqual(['one', 'three', 'two']);
  });

  it('gives lines to the callbacks instead of the log, and stdin to the child', async () => {
    const run = newRun();
    const seen: string[] = [];
    const result = await runChild(run, 'cat', [], {
      stdin: 'pässword\nsecond',
      onStdoutLine: (line) => seen.push(line),
    });
    expect(seen).toEqual(['pässword', 'second']);
    expect(result.stdout).toBe('pässword\nsecond');
    expect(run.lines).toEqual([]);
    expect(run.debug.join()).not.toContain('pässword');
  });

  it('gets every word of a patient child, as it comes and to the last', async () => {
    const run = newRun();
    const seen: string[] = [];
    const text =
      'printf "für"; sleep 0.2; printf " alle\\nlast"; i=0; while [ $i -lt 30000 ]; do echo $i; i=$((i + 1)); done >&2; printf " word"';
    const result = await runChild(run, 'sh', ['-c', text], {
      patient: true,
      onStdoutLine: (line) => seen.push(line),
      onStderrLine: () => undefined,
    });
    expect(seen).toEqual(['für alle', 'last word']);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'für alle\nlast word' });
    expect(result.stderr.split('\n')).toHaveLength(30_001);
  });

  it('lets a patient child go on to its end when we are killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'child-'));
    const child = `echo begun; sleep 1; echo going; echo on >&2; echo done > ${folder}/done`;
    const program = `
      import { runChild } from ${JSON.stringify(new URL('../../src/run/child-process.ts', import.meta.url).href)};
      const log = { debug() {}, line: (text) => console.log(text) };
      await runChild({ log, signal: new AbortController().signal }, 'sh', ['-c', ${JSON.stringify(child)}], { patient: true });
    `;
    const us = spawn(process.execPath, ['--input-type=module', '--eval', program]);
    await new Promise((resolve) => us.stdout.once('data', resolve));
    us.kill('SIGKILL');
    const done = () => readFile(join(folder, 'done'), 'utf8').catch(() => '');
    for (let look = 0; look < 150 && (await done()) === ''; look += 1) await sleep(200);
    expect(await done()).toBe('done\n');
    await rm(folder, { recursive: true });
  });

  it('shows nothing when silent', async () => {
    const run = newRun();
    await runChild(run, 'echo', ['hush'], { silent: true });
    expect(run.lines).toEqual([]);
  });

  it('rejects with the system error when the command does not exist', async () => {
    await expect(runChild(newRun(), 'no-such-command-here', [])).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('reports death by signal as a shell does', async () => {
    expect((await runChild(newRun(), 'sh', ['-c', 'kill -TERM $$'])).exitCode).toBe(143);
  });

  it('throws what a line callback threw, once the child has ended', async () => {
    const onStdoutLine = () => {
      throw new Error('cannot read this');
    };
    await expect(runChild(newRun(), 'echo', ['x'], { onStdoutLine })).rejects.toThrow('cannot read this');
  });

  it('does not start a child after an abort', async () => {
    const run = newRun();
    run.controller.abort(new Error('cancelled'));
    await expect(runChild(run, 'sh', ['-c', 'exit 0'])).rejects.toThrow('cancelled');
    expect(run.debug).toEqual([]);
  });

  it('does not wait for what a finished child left holding its pipes', async () => {
    const { stdout } = await runChild(newRun(), 'sh', ['-c', 'sleep 600 & echo $!']);
    const left = Number(stdout);
    expect(await isAlive(left)).toBe(true);
    process.kill(left);
  });
});

/** A dead process that nobody has reaped yet (state Z) is not alive; where there is no /proc, it counts as alive. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !status.includes(') Z ');
}

/** A child that writes each signal it gets to a file, and ends a moment after the first SIGINT. */
const recorder = `
  const { appendFileSync } = require('node:fs');
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {
    appendFileSync(process.argv[1], name + '\\n');
    setTimeout(() => process.exit(5), 300);
  });
  setInterval(() => {}, 1000);
  console.log('ready');`;

describe('runChild when the run is cancelled', () => {
  it.each([true, false])(
    'interrupts exactly once, waits, then throws the reason (patient: %s)',
    async (patient) => {
      const folder = await mkdtemp(join(tmpdir(), 'child-'));
      try {
        const run = newRun();
        const file = join(folder, 'signals');
        const onStdoutLine = () => run.controller.abort(new Error('the job was cancelled'));
        const child = runChild(run, process.execPath, ['-e', recorder, file], { onStdoutLine, patient });
        await expect(child).rejects.toThrow('the job was cancelled');
        await sleep(100);
        expect(await readFile(file, 'utf8')).toBe('SIGINT\n');
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );

  it('returns the result when asked to, so that Terraform can be read after its interruption', async () => {
    const run = newRun();
    const onStdoutLine = () => run.controller.abort(new Error('cancelled'));
    const script = 'trap "echo saved; exit 1" INT; echo ready; while :; do sleep 0.05; done';
    const result = await runChild(run, 'sh', ['-c', script], {
      onStdoutLine,
      patient: true,
      throwOnAbort: false,
    });
    expect(result).toMatchObject({ exitCode: 1, stdout: 'ready\nsaved\n' });
  });

  it('terminates the whole group of a child that ignores the interrupt', async () => {
    const run = newRun();
    // By itself it ends long after this test.
    const script = 'trap "" INT; sh -c "trap \\"\\" INT; sleep 900" & echo $!; wait';
    let grandchild = 0;
    const onStdoutLine = (line: string) => {
      grandchild = Number(line);
      run.controller.abort(new Error('cancelled'));
    };
    const start = Date.now();
    await expect(runChild(run, 'sh', ['-c', script], { onStdoutLine })).rejects.toThrow('cancelled');
    const waited = Date.now() - start;
    // It got its time before.
    expect(waited).toBeGreaterThan(6_500);
    await eventually('the grandchild has ended', async () => !(await isAlive(grandchild)));
  });
});

describe('childBaseEnvironment', () => {
  it('keeps the inputs and tokens of the action from its children', () => {
    const environment = {
      PATH: '/bin',
      HOME: '/root',
      'INPUT_GITHUB-TOKEN': 'x',
      STATE_folder: 'x',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
      ACTIONS_RUNTIME_TOKEN: 'x',
    };
    expect(childBaseEnvironment(environment, { HOME: undefined, AWS_REGION: 'eu-north-1' })).toEqual({
      PATH: '/bin',
      AWS_REGION: 'eu-north-1',
    });
  });
});
