/**
 * How long a user waits for the action's first line, side by side with a bare Node: interleaved rounds of
 * `node dist/index.js` (up to the first byte it prints) and of `node -e 0` (up to its exit), as a ratio of medians.
 *
 *   node bench/first-line.ts [rounds]
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../dist/index.js', import.meta.url));

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

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const rounds = Number(process.argv[2] ?? 21);
const bare: number[] = [];
const action: number[] = [];
for (let round = 0; round < rounds; round++) {
  bare.push(await time(['-e', '0'], {}));
  // An unknown command is refused after every input was read: the whole way to the first line, and no network.
  action.push(
    await time([entry], { INPUT_COMMAND: 'bench', INPUT_APPLICATION: 'shop', INPUT_ENVIRONMENT: 'dev' }),
  );
}
const row = (name: string, values: number[]) =>
  `${name.padEnd(24)} min ${Math.min(...values).toFixed(1)} ms, median ${median(values).toFixed(1)} ms, max ${Math.max(...values).toFixed(1)} ms`;
console.log(row('node -e 0', bare));
console.log(row('first line of the action', action));
console.log(`ratio of medians: ${(median(action) / median(bare)).toFixed(2)} (${rounds} interleaved rounds)`);
