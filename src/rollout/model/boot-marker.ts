import type { BootMarker } from './observations.ts';

const okMark = 'ASG_DEPLOY_BOOT_OK';
const failedMark = 'ASG_DEPLOY_BOOT_FAILED';
const restartedMark = 'ASG_DEPLOY_RESTARTED';

/** User data puts it before each of the container's last lines. */
const logMark = 'ASG_DEPLOY_LOG ';
/** And this before what the health path answered last. */
const answerMark = 'ASG_DEPLOY_ANSWER ';

const wentWell: BootMarker = {
  outcome: 'ok',
  step: '',
  details: '',
  lastLines: [],
  logged: false,
  answer: '',
  restarts: 0,
};

/** Lines of a failed boot that are kept as evidence. */
const keptLines = 12;

/**
 * The last boot marker on an instance's console, or undefined when user data has printed none (yet).
 *
 * A console line may carry a prefix (a kernel time stamp, cloud-init's name), so marks are looked for anywhere in the
 * line. Where the container's log is not marked as such, the lines before the marker stand in for it: what follows is
 * the machine going down.
 */
export function bootMarker(consoleText: string): BootMarker | undefined {
  const lines = consoleText.split(/\r?\n/).map((line) => line.trimEnd());
  const at = lines.findLastIndex((line) => markOf(line) !== undefined);
  const line = lines[at];
  const mark = line === undefined ? undefined : markOf(line);
  if (line === undefined || mark === undefined) return undefined;
  if (mark === okMark) return { ...wentWell, details: after(line, okMark) };
  const rest = after(line, mark);
  const logged = marked(lines, logMark);
  const lastLines = said(logged.length > 0 ? logged : lines.slice(0, at)).slice(-keptLines);
  const reason = /\breason=(.*)$/.exec(rest)?.[1];
  return {
    outcome: mark === failedMark ? 'failed' : 'restarted',
    step: /\bstep=([\w-]+)/.exec(rest)?.[1] ?? '',
    details: (reason ?? rest.replace(/\b(?:step|image|instance)=\S+\s*/g, '')).trim(),
    lastLines,
    logged: logged.length > 0,
    answer: marked(lines, answerMark).at(-1) ?? '',
    restarts: marked(lines, restartedMark).length,
  };
}

function markOf(line: string): string | undefined {
  return [okMark, failedMark, restartedMark].find((mark) => line.includes(mark));
}

function marked(lines: string[], mark: string): string[] {
  return lines.filter((each) => each.includes(mark)).map((each) => after(each, mark));
}

function after(line: string, mark: string): string {
  return line.slice(line.indexOf(mark) + mark.length).trim();
}

function said(lines: string[]): string[] {
  return lines.filter((line) => line.trim() !== '');
}

/** The exit code that a failed boot names, as "exit=1", "exit code 1" or "exited with code 1". */
export function exitCode(marker: BootMarker): number | undefined {
  const match = /\bexit(?:ed)?[-_ ]?(?:with )?(?:code|status)?[=: ]+(\d{1,3})\b/i.exec(marker.details);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
