import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOptions, LoadReport } from './load-process.ts';

export interface Load {
  /** Requests sent until now. */
  sent(): number;
  /** Ends it and its process: every request that was sent is waited for (a minute at most) and counted. */
  stop(): Promise<LoadReport>;
}

type Message = { kind: 'progress'; sent: number } | { kind: 'report'; report: LoadReport };

const entry = fileURLToPath(new URL('./load-process.ts', import.meta.url));

/** Sends requests from a process of its own, so that neither it nor what is measured slows the other down. */
export function startLoad(options: LoadOptions): Load {
  const child = fork(entry, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let sent = 0;
  const report = new Promise<LoadReport>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.kind === 'progress') sent = message.sent;
      else resolve(message.report);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the load generator ended by itself (exit code ${code})`)));
  });
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  // Whoever calls stop() hears of it; until then it is no unhandled rejection.
  report.catch(() => undefined);
  return { sent: () => sent, stop: () => stopChild(child, report, ended) };
}

/**
 * Does something while requests are sent. They end whatever becomes of it: a load generator that nobody stops keeps
 * its parent from ending.
 *
 * @param work what is done meanwhile; what it rejects with is passed on
 */
export async function underLoad<T>(
  options: LoadOptions,
  work: (load: Load) => Promise<T>,
): Promise<{ result: T; load: LoadReport }> {
  const load = startLoad(options);
  try {
    const result = await work(load);
    return { result, load: await load.stop() };
  } catch (error) {
    await load.stop().catch(() => undefined);
    throw error;
  }
}

async function stopChild(
  child: ChildProcess,
  report: Promise<LoadReport>,
  ended: Promise<void>,
): Promise<LoadReport> {
  if (child.connected) child.send('stop');
  const result = await report;
  await ended;
  return result;
}
