/** A run with a log that is kept. */
import type { Log } from '../../src/core/log.ts';

export function newRun() {
  const lines: string[] = [];
  const debug: string[] = [];
  const log: Log = {
    line: (text) => void lines.push(text),
    debug: (text) => void debug.push(text),
    warning: (text) => void lines.push(`warning: ${text}`),
    secret: () => undefined,
    publish: () => undefined,
    group: (_title, work) => work(),
  };
  const controller = new AbortController();
  return { log, signal: controller.signal, controller, lines, debug };
}
