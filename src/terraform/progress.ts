import { duration, stopwatch } from '../core/index.ts';
import type { TerraformEvent } from './events.ts';

/** Seconds between two lines that only say that something is still under way. */
const heartbeatSeconds = 20;
/** Below this a resource's duration says nothing. */
const noticeableSeconds = 5;

const participle: Record<string, [doing: string, done: string]> = {
  create: ['creating', 'created'],
  update: ['changing', 'changed'],
  delete: ['destroying', 'destroyed'],
  read: ['reading', 'read'],
};

/**
 * Turns an apply's messages into the lines worth reading: one for each resource that is done or failed, and a
 * heartbeat of one line when nothing else was said for 20 s. The returned function takes a message and the
 * seconds since the start, and gives the lines to print.
 */
export function createProgress(): (event: TerraformEvent, seconds: number) => string[] {
  const underWay = new Map<string, { doing: string; since: number }>();
  let lastLine = 0;
  const say = (seconds: number, text: string) => {
    lastLine = seconds;
    return [`${stopwatch(seconds).padStart(5)}  ${text}`];
  };
  return (event, seconds) => {
    const address = event.hook?.resource?.addr;
    if (address === undefined) return [];
    const [doing, done] = participle[event.hook?.action ?? ''] ?? ['working', 'done'];
    const elapsed = event.hook?.elapsed_seconds ?? 0;
    switch (event.type) {
      case 'apply_start':
        underWay.set(address, { doing, since: seconds });
        return [];
      case 'apply_complete': {
        underWay.delete(address);
        if (event.hook?.action === 'read') return [];
        const took = elapsed < noticeableSeconds ? '' : ` in ${duration(elapsed)}`;
        return say(seconds, `${address}: ${done}${took}`);
      }
      case 'apply_errored':
        underWay.delete(address);
        return say(seconds, `${address}: failed ${doing} after ${duration(elapsed)}`);
      case 'apply_progress': {
        if (seconds - lastLine < heartbeatSeconds) return [];
        const others = underWay.size - 1;
        const more = others > 0 ? `, and ${others} more under way` : '';
        return say(seconds, `${address}: still ${doing}, ${duration(elapsed)}${more}`);
      }
      default:
        return [];
    }
  };
}
