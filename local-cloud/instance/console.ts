/** What the serial console keeps. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** GetConsoleOutput gives the latest 64 KB. */
export const CONSOLE_BYTES = 64 * 1024;

/** The end of a console log, as text; empty when there is none. A character that was cut in two is left out. */
export function readConsole(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(descriptor);
    const length = Math.min(size, CONSOLE_BYTES);
    const bytes = Buffer.alloc(length);
    const read = readSync(descriptor, bytes, 0, length, size - length);
    let start = 0;
    while (size > CONSOLE_BYTES && start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return bytes.subarray(start, read).toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}
