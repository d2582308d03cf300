import { isAbsolute, join } from 'node:path';
import type { Place } from '../core/index.ts';
import type { Diagnostic, TerraformEvent } from './events.ts';

/**
 * Warnings that tell the user nothing: the lock table's deprecation is our own choice (the native lock is on as
 * well), and -target or variables of no consequence are not used here.
 */
export function isNoise({ severity, summary, detail = '' }: Diagnostic): boolean {
  return (
    severity === 'warning' && summary.startsWith('Deprecated Parameter') && detail.includes('dynamodb_table')
  );
}

/** One diagnostic for a person: address (or place) first, then what is wrong, whole, then the code it is about. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { address, range, summary, detail, snippet } = diagnostic;
  const place = range && `${range.filename}:${range.start.line}`;
  const subject = [address, place && (address === undefined ? place : `(${place})`)]
    .filter((part) => part !== undefined)
    .join(' ');
  const lines = [subject === '' ? summary : `${subject}: ${summary}`];
  if (detail !== undefined && detail.trim() !== '') lines.push(...detail.trim().split('\n'));
  if (snippet?.code !== undefined && snippet.code.trim() !== '') lines.push(`in: ${snippet.code.trim()}`);
  return lines.map((line, index) => (index === 0 || line === '' ? line : `  ${line}`)).join('\n');
}

/**
 * The line of the user's own root that a diagnostic is about; undefined for the action's own, for variables and for modules
 * that were downloaded. Pure.
 *
 * @param directory the input terraform-directory
 */
export function placeOf(
  { range, detail = '' }: Diagnostic,
  directory: string | undefined,
): Place | undefined {
  const [, file = range?.filename, line = range?.start.line] =
    /^\s*on (\S+) line (\d+)/m.exec(range === undefined ? detail : '') ?? [];
  if (directory === undefined || file === undefined || isAbsolute(file)) return undefined;
  return /^(<|\.\.|\.terraform\/)/.test(file)
    ? undefined
    : { file: join(directory, file), line: Number(line) };
}

/** The diagnostics of a stream, errors first, without repetition and noise. */
export function diagnosticsOf(events: readonly TerraformEvent[]): {
  errors: Diagnostic[];
  warnings: Diagnostic[];
} {
  const seen = new Set<string>();
  const kept = events.flatMap(({ diagnostic }) => {
    if (!diagnostic || isNoise(diagnostic)) return [];
    const key = JSON.stringify([diagnostic.summary, diagnostic.detail, diagnostic.address]);
    if (seen.has(key)) return [];
    seen.add(key);
    return [diagnostic];
  });
  return {
    errors: kept.filter(({ severity }) => severity === 'error'),
    warnings: kept.filter(({ severity }) => severity === 'warning'),
  };
}

/**
 * The blocks that Terraform prints for a person ("╷ │ Error: … ╵", or plain "Error: …" without colours), as
 * diagnostics. For the commands that have no JSON stream in every version: init, output, state push.
 */
export function parsePlainDiagnostics(text: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  let current: { severity: 'error' | 'warning'; summary: string; detail: string[] } | undefined;
  const close = () => {
    if (current) found.push({ ...current, detail: current.detail.join('\n').trim() });
    current = undefined;
  };
  for (const raw of text.split('\n')) {
    if (raw === '╵' || raw === '╷') {
      close();
      continue;
    }
    const line = raw.replace(/^│ ?/, '');
    const header = /^(Error|Warning): (.*)$/.exec(line);
    if (header) {
      close();
      current = {
        severity: header[1] === 'Error' ? 'error' : 'warning',
        summary: header[2] ?? '',
        detail: [],
      };
    } else current?.detail.push(line);
  }
  close();
  return found;
}
