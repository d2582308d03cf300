import type { ChildOptions, ChildResult } from './child-process.ts';
import { childBaseEnvironment } from './child-process.ts';
import type { Run } from './run.ts';
import { untilAbort } from './until-abort.ts';

/**
 * Runs a short command with @actions/exec and returns what it said; nothing of it is shown in the log. For commands
 * that only look, or change something on this machine in a moment: a cancel does not interrupt them. It ends the wait
 * at once, and the command goes on to its own end. What has to be interrupted, or to get a secret, runs with `runChild`.
 *
 * @param command name of a program on the PATH, or an absolute path
 * @param options `env` is laid over the job's environment as in `runChild`
 * @returns exit code, stdout and stderr; 128 for a command that a signal ended
 * @throws run.signal.reason when the run was cancelled; an error with `code` ENOENT when there is no such program. An
 *   exit code other than 0 is not an error here.
 */
export async function runCommand(
  run: Pick<Run, 'log' | 'signal'>,
  command: string,
  args: readonly string[],
  { cwd, env }: Pick<ChildOptions, 'cwd' | 'env'> = {},
): Promise<ChildResult> {
  const { getExecOutput } = await import('@actions/exec');
  run.signal.throwIfAborted();
  run.log.debug(`$ ${[command, ...args].join(' ')}`);
  // The command is given as a line, which @actions/exec splits at spaces.
  const running = getExecOutput(`"${command}"`, [...args], {
    silent: true,
    ignoreReturnCode: true,
    env: childBaseEnvironment(process.env, env),
    ...(cwd !== undefined && { cwd }),
  }).catch((error: unknown) => {
    throw notFound(command, error);
  });
  const { exitCode, stdout, stderr } = await untilAbort(running, run.signal);
  // @actions/exec gives null when there is no code.
  return { exitCode: Number.isInteger(exitCode) ? exitCode : 128, stdout, stderr };
}

/** The error of `spawn` in place of a sentence for a person, which is all that @actions/exec has. */
function notFound(command: string, error: unknown): unknown {
  const { message } = error as Error;
  if (!message.startsWith('Unable to locate executable file')) return error;
  return Object.assign(new Error(`spawn ${command} ENOENT`, { cause: error }), { code: 'ENOENT' });
}
