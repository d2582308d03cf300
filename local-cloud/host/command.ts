/** Short-lived commands of the set-up: docker, apt-get, python. */
import { spawn } from 'node:child_process';

/** What became of a command. */
export interface CommandResult {
  /** -1 when the command could not be started (not installed) or was ended by a signal. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** How a command is run; what is left out is inherited. */
export interface CommandOptions {
  input?: string;
  environment?: Record<string, string>;
  directory?: string;
  /** Every line of either stream, as it comes. */
  onLine?: (line: string) => void;
  timeoutSeconds?: number;
}

/** Runs a command to its end; never rejects. Only the last 1 MB of each stream is kept. */
export function runCommand(
  command: string,
  parameters: readonly string[],
  { input, environment, directory, onLine, timeoutSeconds }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      cwd: directory,
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
    });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      let rest = '';
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] = (output[stream] + text).slice(-1_000_000);
        if (onLine === undefined) return;
        const lines = (rest + text).split(/\r?\n/);
        rest = lines.pop() ?? '';
        lines.forEach(onLine);
      });
    }
    child.on('error', (error) => resolve({ exitCode: -1, stdout: '', stderr: error.message }));
    child.on('close', (code) => resolve({ exitCode: code ?? -1, ...output }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}

/** The end of what a command said, for an error message. */
export function lastLines(result: CommandResult, count = 12): string {
  const text = result.stderr.trim() === '' ? result.stdout : result.stderr;
  return text.trim().split('\n').slice(-count).join('\n');
}
