import { afterEach, describe, expect, it } from '@jest/globals';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CancelTimes } from '../../../scripts/runner/process.ts';
import { runAction } from '../../../scripts/runner/runner.ts';
import type { ActionStep, StepResult } from '../../../scripts/runner/runner.ts';
import { writeAction } from './fixture.ts';

const directories: string[] = [];

async function run(main: string, post = '', more: Partial<ActionStep> = {}): Promise<StepResult> {
  const actionDirectory = await writeAction(main, post);
  directories.push(actionDirectory);
  return runAction({
    actionDirectory,
    inputs: { who: 'world' },
    ...more,
    job: { workspace: actionDirectory, sha: 'a'.repeat(40), token: 'tok-123', ...more.job },
  });
}

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

const patientCancel: CancelTimes = { interruptMilliseconds: 60_000, terminateMilliseconds: 60_000 };

describe('a step', () => {
  it('gets its inputs, defaults and the variables of the job', async () => {
    const result = await run(
      `
      import { readFileSync } from 'node:fs';
      const names = Object.keys(process.env).filter((name) => name.startsWith('INPUT_')).sort();
      console.log(names.map((name) => name + '=' + process.env[name]).join(' '));
      console.log(JSON.parse(readFileSync(process.env.GITHUB_EVENT_PATH)).after, process.env.GITHUB_SHA.length);
      console.log(process.env.GITHUB_REF_NAME, process.cwd() === process.env.GITHUB_WORKSPACE, process.version.slice(0, 3));
    `,
      '',
      { inputs: { who: 'you', Undeclared: 'x' }, job: { workspace: '/', event: { after: 'b' } } },
    );
    expect(result.log).toContain(
      'INPUT_KEEP-HYPHEN=true INPUT_SOME_THING=1.10 INPUT_TOKEN=*** INPUT_UNDECLARED=x INPUT_WHO=you',
    );
    expect(result.log).toContain('b 40');
    expect(result.log).toMatch(/main true v24/);
    expect(result.conclusion).toBe('success');
  });

  it('hands outputs, state, environment and path on, and the post entry sees them', async () => {
    const result = await run(
      `
      import { appendFileSync } from 'node:fs';
      appendFileSync(process.env.GITHUB_OUTPUT, 'one=1\\nmany<<END\\na\\nb=c\\nEND\\none=2\\n');
      appendFileSync(process.env.GITHUB_STATE, 'step=main\\n');
      appendFileSync(process.env.GITHUB_ENV, 'ADDED=yes\\n');
      appendFileSync(process.env.GITHUB_PATH, '/first\\n/second\\n');
      appendFileSync(process.env.GITHUB_STEP_SUMMARY, '# main\\n');
      process.exitCode = 3;
      `,
      `
      import { appendFileSync } from 'node:fs';
      console.log(process.env.STATE_step, process.env.ADDED, process.env.PATH.slice(0, 14));
      appendFileSync(process.env.GITHUB_STEP_SUMMARY, '# post\\n');
      `,
    );
    expect(result.outputs).toEqual({ one: '2', many: 'a\nb=c' });
    expect(result.log).toBe('main yes /second:/first');
    expect(result.summary).toBe('# main\n# post\n');
    expect([result.conclusion, result.exitCode, result.postExitCode]).toEqual(['failure', 3, 0]);
  });

  it('masks what it was told to, folds groups and collects annotations', async () => {
    const main = `
      console.log('::add-mask::hunter2%0Asecond line');
      console.log('::group::Work');
      console.log('password hunter2, second line');
      console.log('::endgroup::');
      console.log('::debug::only when asked hunter2');
      console.log('::error title=Deploy%3A failed::it broke%0Ahunter2 was wrong');
      console.log('::stop-commands::abc');
      console.log('::error::not a command');
      console.log('::abc::');
      console.log('tok-123 ::not::this');
    `;
    // On standard error, which may overtake standard output: so in an entry of its own.
    const result = await run(main, "console.error('::warning::careful');");
    expect(result.log.split('\n').filter((line) => !line.includes('careful'))).toEqual([
      '▸ Work',
      '  password ***, ***',
      'Error: it broke',
      '*** was wrong',
      '::error::not a command',
      '*** ::not::this',
    ]);
    expect(result.debugLog).toBe('only when asked ***');
    expect(result.annotations).toContainEqual({
      level: 'error',
      title: 'Deploy: failed',
      message: 'it broke\n*** was wrong',
      file: undefined,
    });
    expect(result.annotations).toHaveLength(2);
  });

  it('keeps ten annotations of each level and entry, and all of them in the log', async () => {
    const many = (level: string) => `for (let i = 0; i < 12; i += 1) console.log('::${level}::' + i);`;
    const result = await run(many('warning') + many('error'), many('warning'));
    const kept = (level: string) =>
      result.annotations.filter((one) => one.level === level).map(({ message }) => message);
    const ten = Array.from({ length: 10 }, (_, index) => String(index));
    expect(kept('error')).toEqual(ten);
    expect(kept('warning')).toEqual([...ten, ...ten]);
    expect(result.log.match(/^Warning: 11$/gm)).toHaveLength(2);
  });

  it('keeps nothing of a summary over 1 MiB, counted in bytes, and the first 4,096 characters of an annotation', async () => {
    const summary = (characters: number) => `
      import { appendFileSync } from 'node:fs';
      appendFileSync(process.env.GITHUB_STEP_SUMMARY, 'ä'.repeat(${characters}));
      console.log('::warning::' + 'x'.repeat(5000));
    `;
    const most = await run(summary(524_288), '');
    expect(most.summary).toHaveLength(524_288);
    expect(most.annotations.map(({ message }) => message.length)).toEqual([4096]);
    const more = await run(summary(524_289), '');
    expect(more.summary).toBe('');
    expect(more.annotations.at(-1)?.message).toMatch(/^\$GITHUB_STEP_SUMMARY upload aborted, .* got 1025k/);
  });

  it('keeps the AWS credentials and the files of whoever runs it to itself', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'mine';
    const result = await run(`console.log(process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_REGION)`, '', {
      environment: { AWS_REGION: 'eu-north-1' },
    });
    delete process.env.AWS_SECRET_ACCESS_KEY;
    expect(result.log).toBe('undefined eu-north-1');
  });

  it('shows files and processes that were left behind, and ends the processes', async () => {
    const result = await run(`
      import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      writeFileSync(process.env.RUNNER_TEMP + '/plan', '');
      spawn('sleep', ['30'], { detached: true, stdio: 'ignore' }).unref();
    `);
    expect(result.temporaryFiles).toEqual(['plan']);
    expect(result.leftovers.map((left) => left.command)).toEqual(['sleep 30']);
    const pid = result.leftovers[0]?.pid ?? 0;
    // A killed process has no command line any more, even while nobody has asked for its exit status.
    const ended = async (): Promise<boolean> =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) === '';
    for (let attempt = 0; attempt < 1200 && !(await ended()); attempt += 1) await sleep(50);
    expect(await ended()).toBe(true);
  });
});

describe('a cancelled job', () => {
  const cancelWhenReady = async (main: string, cancelTimes = patientCancel): Promise<StepResult> => {
    const controller = new AbortController();
    return run(main, `console.log('post ran')`, {
      cancel: controller.signal,
      cancelTimes,
      show: (line) => {
        if (line === 'ready') controller.abort();
      },
    });
  };
  const forever = `setInterval(() => {}, 1000); console.log('ready');`;

  it('is interrupted once, and the post entry runs', async () => {
    const result = await cancelWhenReady(
      `process.on('SIGINT', () => { console.log('interrupted'); process.exit(130); }); ${forever}`,
    );
    expect(result.log).toBe('ready\ninterrupted\npost ran');
    expect([result.conclusion, result.signals]).toEqual(['cancelled', ['SIGINT']]);
  });

  it('is terminated when it does not listen, and killed with its children when it refuses', async () => {
    const result = await cancelWhenReady(
      `
      import { spawn } from 'node:child_process';
      process.on('SIGINT', () => console.log('no'));
      process.on('SIGTERM', () => console.log('never'));
      spawn('sleep', ['600'], { stdio: 'ignore' });
      ${forever}
    `,
      // As long as a busy machine may need for one line.
      { interruptMilliseconds: 5000, terminateMilliseconds: 5000 },
    );
    expect(result.log).toBe('ready\nno\nnever\npost ran');
    expect(result.signals).toEqual(['SIGINT', 'SIGTERM', 'SIGKILL']);
    expect(result.leftovers).toEqual([]);
  });

  const listening = `
    import { spawn } from 'node:child_process';
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => { console.log(name); process.exit(1); });
    spawn('sleep', ['600'], { stdio: 'ignore' });
    ${forever}
  `;

  it.each<[string, CancelTimes, { heard: string; signal: NodeJS.Signals; left: number }]>([
    [
      'is terminated alone',
      { terminateMilliseconds: 60_000 },
      { heard: '\nSIGTERM', signal: 'SIGTERM', left: 1 },
    ],
    ['is killed at once, with its children', {}, { heard: '', signal: 'SIGKILL', left: 0 }],
    ['is killed beside its children', { processAlone: true }, { heard: '', signal: 'SIGKILL', left: 1 }],
  ])('%s where others than the runner end it', async (_, cancelTimes, { heard, signal, left }) => {
    const result = await cancelWhenReady(listening, cancelTimes);
    expect(result.log).toBe(`ready${heard}\npost ran`);
    expect(result.signals).toEqual([signal]);
    expect(result.leftovers).toHaveLength(left);
  });
});
