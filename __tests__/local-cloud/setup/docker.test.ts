import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopDockerEngine } from '../../../local-cloud/setup/docker.ts';
import { identifyProcess, isRunning } from '../../../local-cloud/host/process-identity.ts';

let engine: ChildProcess | undefined;
const folder = mkdtempSync(join(tmpdir(), 'asg-deploy-engine-'));

afterEach(async () => {
  if (engine?.kill() === true) await once(engine, 'exit');
  rmSync(folder, { recursive: true, force: true });
});

describe('a Docker engine that was started for somebody', () => {
  it('is not ended by the others who used it', async () => {
    engine = spawn('sleep', ['60'], { stdio: 'ignore' });
    const identity = await identifyProcess(engine.pid ?? -1);
    if (identity === undefined) throw new Error('sleep did not start');
    const file = join(folder, 'dockerd.json');
    writeFileSync(file, JSON.stringify({ ...identity, startedFor: 'tests' }));

    expect(await stopDockerEngine('local cloud on port 4570', () => undefined, file)).toBe(false);

    expect(await isRunning(identity)).toBe(true);
    expect(existsSync(file)).toBe(true);
  });
});
