import library from '@balena/dockerignore';

interface Rules {
  add(text: string): Rules;
  /** @throws SyntaxError for a pattern that is none */
  ignores(path: string): boolean;
}

/** The package exports a function, and its types speak of a default: what that is depends on who resolves them. */
const rulesOf = library as unknown as (options: { ignorecase: boolean }) => Rules;

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
  const rules = rulesOf({ ignorecase: false }).add(text.replace(/^\uFEFF/, ''));
  return { excludes: (path) => ignores(rules, path), exceptions: /^\s*!/m.test(text) };
}

/** A pattern that Docker refuses, and its build with it, excludes nothing. */
function ignores(rules: Rules, path: string): boolean {
  try {
    return rules.ignores(path);
  } catch {
    return false;
  }
}
