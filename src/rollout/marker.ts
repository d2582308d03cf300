import type { BootMarker } from './observations.ts';

const okMark = 'ASG_DEPLOY_BOOT_OK';
const failedMark = 'ASG_DEPLOY_BOOT_FAILED';

/** User data puts it before each of the container's last lines. */
const logMark = 'ASG_DEPLOY_LOG ';

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
  const at = lines.findLastIndex((line) => line.includes(okMark) || line.includes(failedMark));
  const line = lines[at];
  if (line === undefined) return undefined;
  if (line.includes(okMark))
    return { outcome: 'ok', step: '', details: after(line, okMark), lastLines: [], logged: false };
  const rest = after(line, failedMark);
  const logged = lines.filter((each) => each.includes(logMark)).map((each) => after(each, logMark));
  const lastLines = said(logged.length > 0 ? logged : lines.slice(0, at)).slice(-keptLines);
  const reason = /\breason=(.*)$/.exec(rest)?.[1];
  return {
    outcome: 'failed',
    step: /\bstep=([\w-]+)/.exec(rest)?.[1] ?? '',
    details: (reason ?? rest.replace(/\b(?:step|image|instance)=\S+\s*/g, '')).trim(),
    lastLines,
    logged: logged.length > 0,
  };
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
