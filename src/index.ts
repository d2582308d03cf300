import { basename } from 'node:path';
import { main } from './main.ts';
import { endRunningChildren } from './run/index.ts';
import { loadToolkit } from './github/index.ts';

/**
 * The entry of both steps. `dist/post.js` only loads this file: one bundle serves both, and the name of the
 * script tells which one the runner wants.
 */
async function step(): Promise<0 | 1> {
  if (basename(process.argv[1] ?? '') === 'post.js') return (await import('./post.ts')).post(process.env);
  return main({
    environment: process.env,
    print: (line) => process.stdout.write(`${line}\n`),
    signals: process,
    toolkit: loadToolkit,
    modules: async () => (await import('./commands/index.ts')).phaseModules,
  });
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
