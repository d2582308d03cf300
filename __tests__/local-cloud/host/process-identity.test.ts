import { describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endProcess, identifyProcess, isRunning } from '../../../local-cloud/host/process-identity.ts';

const start = (script: string) =>
  spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });

describe('a process that was recorded', () => {
  it('is ended when it is still the same one', async () => {
    const child = start('console.log("ready"); setInterval(() => {}, 1000)');
    await once(child.stdout, 'data');
    const identity = await identifyProcess(child.pid ?? 0);
    if (identity === undefined) throw new Error('the child is not there');
    expect(await isRunning(identity)).toBe(true);
    expect(await endProcess(identity, 10)).toBe(true);
    expect(await isRunning(identity)).toBe(false);
    expect(await endProcess(identity, 10)).toBe(false);
  });

  it('is left alone when its number belongs to another one by now', async () => {
    const child = start('console.log("ready"); setInterval(() => {}, 1000)');
    await once(child.stdout, 'data');
    const other = { pid: child.pid ?? 0, startedAt: 'at another time' };
    expect(await endProcess(other, 1)).toBe(false);
    expect(child.exitCode).toBeNull();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });

  it('is killed when it does not end by itself', async () => {
    const child = start('process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)');
    await once(child.stdout, 'data');
    const identity = await identifyProcess(child.pid ?? 0);
    if (identity === undefined) throw new Error('the child is not there');
    const ended = once(child, 'exit');
    expect(await endProcess(identity, 0.2)).toBe(true);
    expect((await ended)[1]).toBe('SIGKILL');
  });

  it('is content with one that ends in the moment in which it is ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = await identifyProcess(child.pid ?? 0);
    if (identity === undefined) throw new Error('it was not started');
    const kill = process.kill.bind(process);
    jest.spyOn(process, 'kill').mockImplementationOnce((pid) => {
      kill(pid, 'SIGKILL');
      throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
    });
    expect(await endProcess(identity, 10)).toBe(true);
    expect(await isRunning(identity)).toBe(false);
  });
});
