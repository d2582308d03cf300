import { afterAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bootstrap = fileURLToPath(new URL('../../scripts/bootstrap.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'asg-bootstrap-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(script: string, ...parameters: string[]) {
  const file = join(folder, `script-${Math.random()}.ts`);
  writeFileSync(file, script);
  const child = spawn(process.execPath, [bootstrap, file, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, output: () => output };
}

describe('bootstrap.mjs', () => {
  it('runs TypeScript with the pinned Node, its arguments and its exit code', async () => {
    const script =
      'const major: string = process.version; console.log(major, process.argv[2]); process.exit(7);';
    const { child, output } = start(script, 'argument');
    const [code] = (await once(child, 'close')) as [number];
    expect(output()).toMatch(/^v24\.\S+ argument\n$/);
    expect(code).toBe(7);
  });

  it('passes one Ctrl-C on once, however many signals it makes of it', async () => {
    const script = `let count = 0;
      process.on('SIGINT', () => { count += 1; setTimeout(() => { console.log('count', count); process.exit(130); }, 300); });
      console.log('ready'); setInterval(() => {}, 1000);`;
    const { child, output } = start(script);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGINT'), 50);
    const [code] = (await once(child, 'close')) as [number];
    expect(output()).toBe('ready\ncount 1\n');
    expect(code).toBe(130);
  });

  it('tells by its exit code which signal ended the script', async () => {
    const { child } = start("process.kill(process.pid, 'SIGKILL')");
    expect(((await once(child, 'close')) as [number])[0]).toBe(128 + 9);
  });
});
