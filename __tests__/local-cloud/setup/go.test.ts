import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ensureGoProgram, goProgramFolder, isNewEnough } from '../../../local-cloud/setup/go.ts';
import { temporaryFolder } from '../../support/folders.ts';

const program = 'planted-module';
const place = goProgramFolder(program);

/** A Go that "builds" a script which prints what was asked for, or refuses. */
function plantGo(build: string): void {
  const folder = temporaryFolder('go');
  const script = `#!/bin/sh\n[ "$1" = version ] && { echo go version go1.30.1 linux/amd64; exit; }\n${build}\n`;
  writeFileSync(join(folder, 'go'), script, { mode: 0o755 });
  jest.replaceProperty(process, 'env', {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
  });
}
const works = `printf '#!/bin/sh\\necho %s %s\\n' "$2" "$GOTOOLCHAIN" >"$GOBIN/${program}" && chmod +x "$GOBIN/${program}"`;

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(place, { recursive: true, force: true });
});

describe('a program that is a Go module', () => {
  it('is built once for a version, and again for another', async () => {
    plantGo(works);
    const said: string[] = [];
    const say = (line: string): number => said.push(line);
    for (const version of ['v1.0.0', 'v1.0.0', 'v2.0.0']) {
      const path = await ensureGoProgram(program, `example.com/planted@${version}`, say);
      expect(execFileSync(path, { encoding: 'utf8' })).toBe(`example.com/planted@${version} local\n`);
    }
    expect(said).toEqual([
      'building planted-module (go install example.com/planted@v1.0.0)',
      'building planted-module (go install example.com/planted@v2.0.0)',
    ]);
  });

  it('that does not build says why, and leaves an earlier one where it is', async () => {
    mkdirSync(place);
    writeFileSync(join(place, program), '');
    plantGo('echo "no required module provides package" >&2; exit 1');
    await expect(ensureGoProgram(program, 'example.com/planted@v3.0.0', () => undefined)).rejects.toThrow(
      /planted-module could not be built[^]*no required module[^]*Go module proxy/,
    );
    expect(existsSync(join(place, program))).toBe(true);
    expect(existsSync(`${place}-${process.pid}`)).toBe(false);
  });
});

it.each([
  ['go version go1.26.8 linux/amd64', true],
  ['go version go1.25.0 linux/amd64', true],
  ['go version go2.0 linux/arm64', true],
  ['go version go1.9.7 linux/amd64', false],
  ['go version go1.19.8 linux/amd64', false],
  ['go version devel linux/amd64', false],
  ['', false],
])('%p is new enough: %p', (version, enough) => {
  expect(isNewEnough(version)).toBe(enough);
});
