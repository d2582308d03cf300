/** What a .dockerignore keeps out of the build. */
export interface Ignore {
  /** @param path below the context, with slashes, without a leading one */
  excludes: (path: string) => boolean;
  /** Whether lines with "!" may bring back something below an excluded folder. */
  exceptions: boolean;
}

/**
 * Reads a .dockerignore. Pure. A path is excluded when the last pattern that matches it, or a folder above it, has no
 * "!". https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function dockerignore(text: string): Ignore {
  const patterns = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .map((line) => ({ exception: line.startsWith('!'), pattern: clean(line.replace(/^!/, '').trim()) }))
    .filter(({ pattern }) => pattern !== '')
    .map(({ exception, pattern }) => ({ exception, expression: expressionOf(pattern) }));
  return {
    excludes: (path) =>
      patterns.reduce((excluded, { exception, expression }) => {
        return excluded === exception && expression.test(path) ? !exception : excluded;
      }, false),
    exceptions: patterns.some(({ exception }) => exception),
  };
}

/** As Go's filepath.Clean, below the context's top. */
function clean(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Go's filepath.Match, and "**" for any number of folders; what follows a slash lies below a folder that matches. */
function expressionOf(pattern: string): RegExp {
  const tokens = pattern.match(/\*\*\/|\*\*|\*|\?|\[[^\]]+\]|\\.|[^]/g) ?? [];
  const source = tokens.map((token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.startsWith('[') && token.length > 1) return token;
    return (token.length > 1 ? token.slice(1) : token).replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  });
  try {
    return new RegExp(`^${source.join('')}(?:/|$)`, 's');
  } catch {
    // Docker refuses such a pattern; here it excludes nothing.
    return /(?!)/;
  }
}
