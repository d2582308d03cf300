import { basename } from 'node:path';
import { firstLine } from './first-line.ts';
import { endRunningChildren } from './run/index.ts';

/**
 * The entry of both steps. `dist/post.js` only loads this file: one bundle serves both, and the name of the
 * script tells which one the runner wants. Nothing else is loaded before the first line is out, which a person
 * then sees in the time that Node itself needs.
 */
async function step(): Promise<0 | 1> {
  if (basename(process.argv[1] ?? '') === 'post.js') return (await import('./post.ts')).post(process.env);
  process.stdout.write(`${firstLine(process.env)}\n`);
  return (await import('./main.ts')).main({ environment: process.env, signals: process });
}

process.on('exit', endRunningChildren);
step().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stdout.write(
      `::error::asg-deploy could not report how it ended: ${String(error).replaceAll('\n', ' ')}\n`,
    );
    process.exit(1);
  },
);
