import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Run } from './run.ts';
import { Spool } from './spool.ts';

/** How a child process is run. */
export interface ChildOptions {
  cwd?: string;
  /** Laid over the job's own environment (see `childBaseEnvironment`); undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  /** Written to the child and closed: the way in for a secret, which has no place in `args`. */
  stdin?: string;
  onStdoutLine?: (line: string) => void;
  onStderrLine?: (line: string) => void;
  /** Lines that no callback takes are not shown in the log. */
  silent?: boolean;
  /**
   * After an abort this child gets its one SIGINT and then all the time it needs: for Terraform, which must
   * write its state and release its lock, and takes a second signal as an order to drop both. When we are killed,
   * it goes on to its end.
   */
  patient?: boolean;
  /** Is told the id of the process. */
  onStart?: (pid: number) => void;
  /** false: an aborted child's result is returned like any other, instead of throwing `signal.reason`. */
  throwOnAbort?: boolean;
}

/** What a child process came to. */
export interface ChildResult {
  /** The child's own code, or 128 + signal number as in a shell. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A runner kills a cancelled step 10 s after its SIGINT; a child that ignores us has to be gone before. */
const millisecondsToTerminate = 7_000;
const millisecondsToKill = 8_500;
/** How long a finished child's pipes may be held open by something that it left running. */
const millisecondsForPipes = 2_000;

const running = new Map<ChildProcess, { patient: boolean }>();

/**
 * Runs one command to its end and returns what it said: a command that takes its time (docker build and push, terraform
 * init, plan and apply), or that gets a secret. @actions/exec has no way to interrupt what it runs; these few lines do it
 * once and wait. A command that only looks runs with `runCommand`.
 *
 * The child leads its own process group, so that a Ctrl-C or a runner's SIGINT reaches it only through us:
 * when `run.signal` aborts it gets SIGINT exactly once and is awaited. Unless it is `patient`, its group gets
 * SIGTERM 7 s and SIGKILL 8.5 s after the abort.
 *
 * @throws run.signal.reason when the run was cancelled (after the child has ended; at once when it was not
 *   started yet); a system error with `code` (ENOENT…) when the command can't be started; what a line
 *   callback threw. An exit code other than 0 is not an error here.
 */
export async function runChild(
  run: Pick<Run, 'log' | 'signal'>,
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<ChildResult> {
  run.signal.throwIfAborted();
  run.log.debug(`$ ${[command, ...args].join(' ')}`);
  const spools = options.patient === true ? await openSpools(run.signal) : undefined;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: childBaseEnvironment(process.env, options.env),
    detached: true,
    stdio: [
      options.stdin === undefined ? 'ignore' : 'pipe',
      spools?.[0].fd ?? 'pipe',
      spools?.[1].fd ?? 'pipe',
    ],
  });
  const over = ended(child);
  const followed = spools?.map((spool) => spool.follow(over));
  const read = Promise.all(followed?.map((stream) => once(stream, 'end')) ?? []);
  const [written, complained] = followed ?? [child.stdout, child.stderr];
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const stopInterrupting = interruptOnAbort(child, run.signal, options.patient ?? false);
  try {
    const shown = options.silent ? undefined : (line: string) => run.log.line(line);
    const stdout = collect(written, options.onStdoutLine ?? shown);
    const stderr = collect(complained, options.onStderrLine ?? shown);
    // A child that does not read its stdin is judged by its exit code, not by our broken pipe.
    child.stdin?.on('error', () => undefined).end(options.stdin);
    const exitCode = await over;
    await read;
    const result = { exitCode, stdout: stdout.finish(), stderr: stderr.finish() };
    if (options.throwOnAbort ?? true) run.signal.throwIfAborted();
    return result;
  } finally {
    stopInterrupting();
  }
}

/** For stdout and stderr of a child that goes on without us. @throws signal.reason when the run was cancelled meanwhile */
async function openSpools(signal: AbortSignal): Promise<[Spool, Spool]> {
  const spools = await Promise.all([Spool.open(), Spool.open()]);
  if (!signal.aborted) return spools;
  for (const spool of spools) await spool.close();
  throw signal.reason;
}

/**
 * The environment that children start from: the job's own, without the action's inputs and the runner's
 * tokens, which are nobody else's business.
 */
export function childBaseEnvironment(
  environment: NodeJS.ProcessEnv,
  laidOver: Record<string, string | undefined> = {},
): Record<string, string> {
  const kept = Object.entries({ ...environment, ...laidOver }).filter(
    ([name]) => name in laidOver || !/^(INPUT_|STATE_|ACTIONS_(ID_TOKEN|RUNTIME)_)/.test(name),
  );
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Ends what still runs when the process itself must go (the last resort of the entry; synchronous). */
export function endRunningChildren(): void {
  for (const [child, { patient }] of running) signalGroup(child, patient ? 'SIGTERM' : 'SIGKILL');
}

function interruptOnAbort(child: ChildProcess, signal: AbortSignal, patient: boolean): () => void {
  const timers: NodeJS.Timeout[] = [];
  const interrupt = () => {
    child.kill('SIGINT');
    if (patient) return;
    timers.push(
      setTimeout(() => signalGroup(child, 'SIGTERM'), millisecondsToTerminate),
      setTimeout(() => signalGroup(child, 'SIGKILL'), millisecondsToKill),
    );
  };
  running.set(child, { patient });
  signal.addEventListener('abort', interrupt, { once: true });
  return () => {
    running.delete(child);
    signal.removeEventListener('abort', interrupt);
    timers.forEach(clearTimeout);
    // What an interrupted child left in its group has nobody to answer to any more.
    if (signal.aborted && !patient) signalGroup(child, 'SIGKILL');
  };
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group is gone already.
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let pipes: NodeJS.Timeout | undefined;
    child.once('error', reject);
    child.once('exit', () => {
      pipes = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, millisecondsForPipes);
    });
    child.once('close', (code, signal) => {
      clearTimeout(pipes);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** Gathers a stream and hands it on line by line; what a callback throws is kept until the child has ended. */
function collect(stream: NodeJS.ReadableStream | null | undefined, onLine?: (line: string) => void) {
  const pieces: string[] = [];
  let rest = '';
  let failure: { cause: unknown } | undefined;
  const hand = (line: string) => {
    if (failure) return;
    try {
      onLine?.(line.replace(/\r$/, ''));
    } catch (cause) {
      failure = { cause };
    }
  };
  stream?.setEncoding('utf8').on('data', (piece: string) => {
    pieces.push(piece);
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(hand);
  });
  return {
    finish(): string {
      if (rest !== '') hand(rest);
      if (failure) throw failure.cause;
      return pieces.join('');
    },
  };
}
