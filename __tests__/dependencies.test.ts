import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm run lint` holds the sources to `.dependency-cruiser.mjs`; here its rules are broken, each in a file of its own. */

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** A tree as it should be, to break the rules in: file, and what it reads. */
const sound: [string, string[]][] = [
  ['src/core/index.ts', []],
  ['local-cloud/process/cli.ts', ['../cloud/index.ts', '../host/index.ts']],
  ['local-cloud/cloud/index.ts', ['../fleet/index.ts']],
  ['local-cloud/setup/index.ts', []],
  ['local-cloud/fleet/index.ts', ['./fleet.ts', './api/index.ts']],
  ['local-cloud/fleet/fleet.ts', ['./lookups.ts', './engine/index.ts', '../gateway/index.ts']],
  ['local-cloud/fleet/lookups.ts', []],
  ['local-cloud/fleet/api/index.ts', ['../engine/index.ts']],
  ['local-cloud/fleet/engine/index.ts', []],
  ['local-cloud/gateway/index.ts', ['../host/index.ts']],
  ['local-cloud/host/index.ts', []],
  ['scripts/demo.ts', ['../local-cloud/cloud/index.ts', '../src/core/index.ts']],
];

/** What the file reads, in words; file, what it reads, the rule that says so. */
const planted: [string, string, string, string][] = [
  ['a room that reads it', 'local-cloud/host/a.ts', '../gateway/index.ts', 'reads-only-below'],
  ['a neighbour', 'local-cloud/cloud/a.ts', '../setup/index.ts', 'reads-only-below'],
  ['a room above, inside a room', 'local-cloud/fleet/engine/a.ts', '../api/index.ts', 'reads-only-below'],
  ['the folder that it is in', 'local-cloud/fleet/engine/b.ts', '../lookups.ts', 'reads-only-below'],
  ['past a door', 'local-cloud/cloud/b.ts', '../fleet/lookups.ts', 'through-the-door'],
  ['past a door, to one inside', 'local-cloud/cloud/c.ts', '../fleet/engine/index.ts', 'through-the-door'],
  ['past a door, from a script', 'scripts/a.ts', '../local-cloud/fleet/lookups.ts', 'through-the-door'],
  ['the action, from the local cloud', 'local-cloud/fleet/a.ts', '../../src/core/index.ts', 'apart'],
  ['the local cloud, from the action', 'src/core/a.ts', '../../local-cloud/host/index.ts', 'apart'],
  ['a script, from the local cloud', 'local-cloud/process/a.ts', '../../scripts/demo.ts', 'apart'],
  ['from a room without a level', 'local-cloud/attic/a.ts', '../host/index.ts', 'has-a-level'],
  ['from an inner room without one', 'local-cloud/host/cellar/a.ts', 'node:fs', 'has-a-level'],
  ['itself, by way of another file', 'local-cloud/setup/a.ts', './b.ts', 'no-circle'],
];

interface Violation {
  from: string;
  rule: { name: string };
}

let folder: string;
let violations: Violation[];

function write(file: string, targets: string[]): void {
  const lines = targets.map((target, index) => `import type { Some as S${index} } from '${target}';`);
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), [...lines, 'export interface Some {}', ''].join('\n'));
}

/** Runs the tool as `npm run lint` does, in the planted tree. It ends with the number of errors. */
async function cruise(): Promise<Violation[]> {
  const tool = path('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const rules = ['--config', path('.dependency-cruiser.mjs'), '--output-type', 'json'];
  const parameters = [tool, ...rules, 'src', 'local-cloud', 'scripts'];
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, parameters, { cwd: folder }, (_, text) => resolve(text));
  });
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

describe('who may read whom', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dependencies-'));
    for (const [file, targets] of sound) write(file, targets);
    for (const [, file, target] of planted) write(file, [target]);
    write('local-cloud/setup/b.ts', ['./a.ts']);
    violations = await cruise();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(planted)('finds what reads %s', (_, file, _target, rule) => {
    expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(
      rule,
    );
  });

  it('has nothing against the rest', () => {
    const wrong = [...planted.map(([, file]) => file), 'local-cloud/setup/b.ts'];
    expect(violations.filter(({ from }) => !wrong.includes(from))).toEqual([]);
  });
});
