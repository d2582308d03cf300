import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, Figure, Outcome } from '../figure.ts';
import { ratioOf, spreadOf } from '../statistics.ts';
import { withPeakMemory } from '../support/peak-memory.ts';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const entry = join(dist, 'index.js');

/** An unknown command is refused after every input was read: the whole way to the first line, and no network. */
const refused = { INPUT_COMMAND: 'bench', INPUT_APPLICATION: 'shop', INPUT_ENVIRONMENT: 'dev' };

/** Writes a line, and does nothing else. */
const bare = ['-e', "process.stdout.write('x\\n')"];

/** Milliseconds from the start of `node …args` to its first byte of output, or to its exit when it prints nothing. */
function time(args: string[], environment: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let firstByte: number | undefined;
    child.stdout.once('data', () => (firstByte = performance.now() - started));
    child.once('error', reject);
    child.once('close', () => resolve(firstByte ?? performance.now() - started));
  });
}

async function megabytesOf(args: string[], environment: Record<string, string>): Promise<number> {
  const { megabytes } = await withPeakMemory((probe) => time(args, { ...environment, ...probe }));
  return megabytes[0] ?? NaN;
}

async function bytesOf(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

async function measure({ rounds = 21, signal }: Bench): Promise<Outcome> {
  const times: { bare: number[]; action: number[] } = { bare: [], action: [] };
  const sizes: { bare: number[]; action: number[] } = { bare: [], action: [] };
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted();
    times.bare.push(await time(bare, {}));
    times.action.push(await time([entry], refused));
    if (round % 3 > 0) continue;
    sizes.bare.push(await megabytesOf(bare, {}));
    sizes.action.push(await megabytesOf([entry], refused));
  }
  const ratio = ratioOf(times.action, times.bare);
  const megabytes = (await bytesOf(dist)) / 1e6;
  return {
    rows: [
      {
        what: 'first line of the log',
        value: spreadOf(times.action),
        unit: 'ms',
        against: { what: 'first byte of a bare Node', value: spreadOf(times.bare) },
        ratio,
        aim: { text: '≤ 1.15', met: ratio.median <= 1.15 },
      },
      {
        what: 'memory of a step that refuses its inputs',
        value: spreadOf(sizes.action),
        unit: 'MB',
        against: { what: 'a bare Node', value: spreadOf(sizes.bare) },
        ratio: ratioOf(sizes.action, sizes.bare),
      },
      {
        what: 'size of `dist/`, licences and binaries included',
        value: spreadOf([megabytes]),
        unit: 'MB',
        aim: { text: '≤ 3.0 MB', met: megabytes <= 3 },
      },
    ],
  };
}

export const start: Figure = {
  name: 'start',
  title: 'Start',
  how: 'How long a user waits until the log shows something, beside a Node that writes a line and does nothing else.',
  leftOut: ['what the runner does before: downloading the action, starting the step.'],
  measure,
};
