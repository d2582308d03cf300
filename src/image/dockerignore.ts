import library from '@balena/dockerignore';

/** What a .dockerignore keeps out of the build. */
export interface Ignore {
  /** @param path below the context, with slashes, without a leading one */
  excludes: (path: string) => boolean;
  /** Whether lines with "!" may bring back something below an excluded folder. */
  exceptions: boolean;
}

/**
 * Reads a .dockerignore as Docker does. Pure.
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function dockerignore(text: string): Ignore {
  const rules = library.default({ ignorecase: false }).add(text.replace(/^\uFEFF/, ''));
  return { excludes: (path) => ignores(rules, path), exceptions: /^\s*!/m.test(text) };
}

/** A pattern that Docker refuses, and its build with it, excludes nothing. */
function ignores(rules: ReturnType<typeof library.default>, path: string): boolean {
  try {
    return rules.ignores(path);
  } catch {
    return false;
  }
}
