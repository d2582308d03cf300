/**
 * The local cloud's process. Started by `local-cloud up` with one argument, its options as JSON; ends on SIGTERM
 * or SIGINT, having taken everything down. Its log is its standard output.
 */
import { type LocalCloudOptions, startLocalCloud } from '../cloud/index.ts';

/** What a parent process can say in JSON; log and failures are the daemon's own. */
export type DaemonOptions = Omit<LocalCloudOptions, 'log' | 'onFailure'>;

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

async function main(options: DaemonOptions): Promise<void> {
  let ending = false;
  const starting = startLocalCloud({
    ...options,
    log,
    onFailure(why) {
      log(`fatal: ${why}`);
      end(1);
    },
  });
  function end(code: number): void {
    if (ending) return;
    ending = true;
    log('taking everything down');
    starting
      .then((cloud) => cloud.close())
      .catch((error: unknown) => log(`while taking down: ${String(error)}`))
      .finally(() => process.exit(code));
  }
  process.on('SIGTERM', () => end(0));
  process.on('SIGINT', () => end(0));
  // A terminal that closes is no reason to end: `up` has returned long ago.
  process.on('SIGHUP', () => undefined);
  const cloud = await starting;
  log(`answers at ${cloud.endpoint}`);
}

process.on('unhandledRejection', (reason) => {
  log(`unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
});
main(JSON.parse(process.argv[2] ?? '{}') as DaemonOptions).catch((error: unknown) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log(`fatal: ${text}`);
  process.exit(1);
});
