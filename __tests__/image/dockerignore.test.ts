import { expect, it } from '@jest/globals';
import { dockerignore } from '../../src/image/dockerignore.ts';

it.each<[string, string, boolean]>([
  ['node_modules', 'node_modules/a/b.js', true],
  ['node_modules', 'app/node_modules/a.js', false],
  ['**/node_modules', 'app/node_modules/a.js', true],
  ['**/node_modules', 'node_modules/a.js', true],
  ['/dist/', 'dist/main.js', true],
  ['./dist', 'dist', true],
  ['*.log', 'a.log', true],
  ['*.log', 'logs/a.log', false],
  ['**/*.log', 'logs/deep/a.log', true],
  ['a?.txt', 'ab.txt', true],
  ['a?.txt', 'a/.txt', false],
  ['[ab].txt', 'b.txt', true],
  ['a.b', 'axb', false],
  ['# dist\n\n', 'dist', false],
  ['*\n!dist', 'dist/main.js', false],
  ['*\n!dist', 'src/main.js', true],
  ['!dist\ndist', 'dist/main.js', true],
  ['dist', 'distant', false],
  ['Dist', 'dist', false],
  ['[a', 'a', false],
])('%j of %s', (text, path, excluded) => {
  expect(dockerignore(text).excludes(path)).toBe(excluded);
});
