import { duration, stopwatch } from '../core/index.ts';

/** Below this a step's duration says nothing. */
const noticeableSeconds = 1;
/** Seconds between two lines that only say that a step still runs. */
const heartbeatSeconds = 20;

/** What a line of the build's log means for who reads the job's log: lines to show. */
export interface BuildProgress {
  /** A line of either builder, and the seconds since the start. */
  take: (line: string, seconds: number) => string[];
  /** Nothing may have been written for a while: the seconds since the start. */
  tick: (seconds: number) => string[];
  /** The build is over. */
  end: (seconds: number) => string[];
}

interface Step {
  name: string;
  since: number;
}

/**
 * Folds the log of a build to the steps that took time, for BuildKit's plain progress and the classic builder alike; how
 * many came from the cache or were quick is said at the end. What the steps wrote is for the debug log, and for the
 * failure.
 */
export function createBuildProgress(): BuildProgress {
  const running = new Map<string, Step>();
  let spoke = 0;
  let [cached, quick] = [0, 0];
  const say = (seconds: number, text: string): string[] => {
    spoke = seconds;
    return [`${stopwatch(seconds).padStart(5)}  ${text}`];
  };
  const finish = (key: string, seconds: number, took?: number): string[] => {
    const step = running.get(key);
    running.delete(key);
    if (step === undefined) return [];
    const time = took ?? seconds - step.since;
    if (time >= noticeableSeconds) return say(seconds, `${step.name}   ${duration(time)}`);
    quick += 1;
    return [];
  };
  const fromCache = (key: string): string[] => {
    if (running.delete(key)) cached += 1;
    return [];
  };
  const take = (line: string, seconds: number): string[] => {
    const event = eventOf(line);
    switch (event?.kind) {
      case 'step': {
        // The classic builder has one step at a time, and says nothing at its end.
        const before = event.key === classic ? finish(classic, seconds) : [];
        if (!running.has(event.key)) running.set(event.key, { name: event.name, since: seconds });
        return before;
      }
      case 'cached':
        return fromCache(event.key);
      case 'done':
        return finish(event.key, seconds, event.seconds);
      case undefined:
        return [];
    }
  };
  const tick = (seconds: number): string[] => {
    const [step] = running.values();
    if (step === undefined || seconds - spoke < heartbeatSeconds) return [];
    return say(seconds, `${step.name}   still, for ${duration(seconds - step.since)}`);
  };
  const end = (seconds: number): string[] => {
    const last = finish(classic, seconds);
    const rest = [
      ...(cached > 0 ? [`${steps(cached)} from the cache`] : []),
      ...(quick > 0 ? [`${steps(quick)} that took less than ${duration(noticeableSeconds)}`] : []),
    ];
    return rest.length === 0 ? last : [...last, ...say(seconds, rest.join(', '))];
  };
  return { take, tick, end };
}

function steps(count: number): string {
  return `${count} ${count === 1 ? 'step' : 'steps'}`;
}

/** Key of the classic builder's one step. */
const classic = 'classic';

type BuildEvent =
  | { kind: 'step'; key: string; name: string }
  | { kind: 'cached'; key: string }
  | { kind: 'done'; key: string; seconds: number | undefined };

/** `#7 [build 3/5] RUN npm ci`, `#7 CACHED`, `#7 DONE 12.3s`; `Step 3/5 : RUN npm ci`, ` ---> Using cache`. */
function eventOf(line: string): BuildEvent | undefined {
  const [, id, rest = ''] = /^#(\d+) (.*)$/.exec(line) ?? [];
  if (id !== undefined) {
    const key = `#${id}`;
    if (rest === 'CACHED') return { kind: 'cached', key };
    const [, seconds] = /^DONE ([\d.]+)s$/.exec(rest) ?? [];
    if (seconds !== undefined) return { kind: 'done', key, seconds: Number(seconds) };
    // What a step writes begins with its seconds.
    return /^(\[|exporting |importing )/.test(rest) ? { kind: 'step', key, name: rest } : undefined;
  }
  if (line === ' ---> Using cache') return { kind: 'cached', key: classic };
  const [, number, name] = /^Step (\d+\/\d+) : (.*)$/.exec(line) ?? [];
  return number === undefined ? undefined : { kind: 'step', key: classic, name: `[${number}] ${name}` };
}

/** A rule of Docker's own that a Dockerfile breaks: `- SecretsUsedInArgOrEnv: Do not use … (line 3)`. */
export function buildWarnings(log: readonly string[]): { text: string; line: number }[] {
  return log.flatMap((text) => {
    const [, said, line] = /^ - (\w+: .*) \(line (\d+)\)$/.exec(text) ?? [];
    return said === undefined ? [] : [{ text: said, line: Number(line) }];
  });
}

/** The line of the Dockerfile that failed, as BuildKit names it: `Dockerfile:12`. */
export function failedLine(log: readonly string[]): number | undefined {
  const found = log.map((line) => /^[^\s:]+:(\d+)$/.exec(line)?.[1]).findLast((line) => line !== undefined);
  return found === undefined ? undefined : Number(found);
}
