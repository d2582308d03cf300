import { describe } from '@jest/globals';
import { findProgram } from '../../local-cloud/setup/index.ts';

/** `describe`, or a skipped one whose name says why where a tool is not on the PATH. */
export function describeWith(tools: string[], name: string, body: () => void): void {
  const missing = tools.filter((tool) => findProgram(tool) === undefined);
  if (missing.length === 0) describe(name, body);
  else describe.skip(`${name} (skipped: not on the PATH: ${missing.join(', ')})`, body);
}
