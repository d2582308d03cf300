import { spawn } from 'node:child_process';

export interface StepOptions {
  cwd: string;
  environment: Record<string, string>;
  signal: AbortSignal;
}

/** A step of a workflow, `run:` as people write it: a script for bash. */
export interface Step {
  name: string;
  /** Seconds. */
  seconds: number;
  stdout: string;
}

/** @throws Error with the script's output when it fails */
export function runStep(name: string, script: string, options: StepOptions): Promise<Step> {
  const { cwd, environment, signal } = options;
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in the terminal reaches it through the signal alone.
      detached: true,
    });
    const stop = (): void => void (child.pid !== undefined && process.kill(-child.pid, 'SIGTERM'));
    signal.addEventListener('abort', stop, { once: true });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      const seconds = (performance.now() - began) / 1000;
      if (code === 0) resolve({ name, seconds, stdout: stdout.trim() });
      else reject(new Error(`the step ${name} ended with exit code ${code ?? 'none'}:\n${stdout}${stderr}`));
    });
  });
}
