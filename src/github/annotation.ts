import { isAbsolute, relative } from 'node:path';
import type { Place } from '../core/index.ts';

/**
 * Characters of an annotation. The runner cuts what is longer, in the log too, and says nothing of it:
 * `_maxIssueMessageLength` in actions/runner's ExecutionContext.cs.
 */
export const longestAnnotation = 4096;

/** Where GitHub shows an annotation: it knows files by their path in the workspace, and no others. */
export function annotationAt(
  place: Place | undefined,
  workspace = process.env.GITHUB_WORKSPACE ?? process.cwd(),
): { file?: string; startLine?: number } {
  if (place === undefined) return {};
  const file = isAbsolute(place.file) ? relative(workspace, place.file) : place.file;
  return file.startsWith('..') || isAbsolute(file) ? {} : { file, startLine: place.line };
}
