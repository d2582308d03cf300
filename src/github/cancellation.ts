import { DeployError } from '../core/index.ts';

/** Where signals come from: the process, or a test. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown;
  off(name: NodeJS.Signals, listener: () => void): unknown;
}

export interface Cancellation {
  signal: AbortSignal;
  /** Lets go of the signals again. */
  release(): void;
}

/**
 * Turns the first SIGINT or SIGTERM into one abort of the run. Those that follow change nothing: the runner
 * sends SIGTERM 7.5 s after its SIGINT in any case, and Terraform must not be hurried.
 *
 * @param announce is called with the sentence for the log, once
 */
export function listenForCancel(source: SignalSource, announce: (text: string) => void): Cancellation {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const listeners = names.map((name) => {
    const listener = () => {
      if (controller.signal.aborted) return;
      announce(`${name}: the job was cancelled; ending what runs`);
      controller.abort(new DeployError({ reason: 'cancelled', message: 'the job was cancelled' }));
    };
    source.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    release: () => listeners.forEach(({ name, listener }) => source.off(name, listener)),
  };
}
