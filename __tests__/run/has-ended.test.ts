import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { endLeft, hasEnded } from '../../src/run/has-ended.ts';

it('waits for a process that ends, and no longer than it may', async () => {
  const child = spawn('sleep', ['600']);
  expect(await hasEnded(child.pid ?? 0, 0)).toBe(false);
  child.kill();
  expect(await hasEnded(child.pid ?? 0, 60_000)).toBe(true);
});

it('takes one for ended that nobody has waited for', async () => {
  // The shell becomes a program that never asks how its child did.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 120']);
  const text = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (data) => resolve(String(data))),
  );
  expect(await hasEnded(Number(text), 60_000)).toBe(true);
  parent.kill();
});

it('interrupts what has the name that it had, and no stranger with its number', async () => {
  const child = spawn('sleep', ['600']);
  const pid = child.pid ?? 0;
  expect(await endLeft({ pid, name: /terraform$/ }, 0)).toBe(false);
  expect(await endLeft({ pid, name: /sleep$/ }, 60_000)).toBe(true);
  expect(child.signalCode).toBe('SIGINT');
});
