import { describe, expect, it, afterAll, beforeAll } from '@jest/globals';
import { parseCommand } from '../../../local-cloud/process/cli.ts';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeFolder, identifyProcess, runFolder } from '../../../local-cloud/host/index.ts';
import { runningPorts } from '../../../local-cloud/process/lifecycle.ts';

describe('parseCommand', () => {
  it('has defaults that a newcomer can live with', () => {
    expect(parseCommand(['up'])).toEqual({
      name: 'up',
      json: false,
      instances: 'docker',
      account: 'used',
      ...{ accountId: '123456789012', region: 'eu-north-1', peers: [] },
      speed: 1,
      metricMinute: 60,
      metricDelay: 0,
      weightDelay: 1,
      port: 4570,
      iam: { enforced: true, delaySeconds: 0 },
    });
  });

  it('reads every option', () => {
    const parameters = ['up', '--json', '--instances', 'simulated', '--speed', '60', '--port=4600'];
    const more = [
      '--account=new',
      '--iam',
      'off',
      '--iam-delay',
      '5',
      '--metric-minute',
      '5',
      '--weight-delay=30',
      '--metric-delay=90',
    ];
    const place = ['--account-id', '210987654321', '--region', 'us-gov-west-1'];
    const peers = ['http://127.0.0.1:4600', 'http://127.0.0.1:4601'];
    const named = peers.flatMap((peer) => ['--peer', peer]);
    expect(parseCommand([...parameters, ...more, ...place, ...named])).toEqual({
      ...{
        name: 'up',
        json: true,
        instances: 'simulated',
        account: 'new',
        ...{ accountId: '210987654321', region: 'us-gov-west-1', peers },
        speed: 60,
        metricMinute: 5,
        metricDelay: 90,
        weightDelay: 30,
        port: 4600,
      },
      iam: { enforced: false, delaySeconds: 5 },
    });
  });

  it('gives nothing to do when help was asked for', () => {
    expect(parseCommand(['--help'])).toBeUndefined();
  });

  it.each([
    [[], '"" is no command'],
    [['upp'], '"upp" is no command'],
    [['up', 'down'], '"up down" is no command'],
    [['up', '--instances', 'real'], '--instances is "real"'],
    [['up', '--account', 'old'], '--account is "old"; it can be used or new.'],
    [['up', '--account-id', '1234'], '--account-id is "1234"; an account has 12 digits'],
    [['up', '--region', 'Europe'], '--region is "Europe"; give one such as eu-north-1'],
    [['up', '--peer', '4571'], '--peer is "4571"; give the address of another local cloud'],
    [['up', '--speed', '2'], '--speed is for --instances simulated'],
    [['up', '--instances', 'simulated', '--speed', '0'], '--speed is "0"; give a number from 1 to 100000'],
    [['up', '--metric-minute', '90'], '--metric-minute is "90"; give a number from 1 to 60'],
    [['up', '--weight-delay=-1'], '--weight-delay is "-1"; give a number from 0 to 600'],
    [['up', '--port', '80'], '--port is "80"; give a number from 1024 to 64535'],
    [['up', '--port', '4570x'], '--port is "4570x"'],
    [['up', '--port', '4570.5'], '--port is 4570.5; give a whole number'],
    [['up', '--iam', 'maybe'], '--iam is "maybe"; it can be on or off'],
    [['up', '--prot', '1'], "Unknown option '--prot'"],
  ])('refuses %j and says why, having touched nothing', (parameters, message) => {
    expect(() => parseCommand(parameters)).toThrow(message);
    expect(() => parseCommand(parameters)).toThrow('Nothing was touched.');
  });
});

const cli = fileURLToPath(new URL('../../../local-cloud/process/cli.ts', import.meta.url));
/** Nobody has a cloud on any of these: the one asked for, one that seems to be up, and one that was killed. */
const [asked, up, killed] = [62_101, 62_102, 62_103];

/** What a cloud on this port would have left in its folder. */
async function plant(port: number, startedAt?: string): Promise<void> {
  const identity = { ...(await identifyProcess(process.pid)), ...(startedAt !== undefined && { startedAt }) };
  mkdirSync(runFolder(port), { recursive: true });
  writeFileSync(join(runFolder(port), 'pid.json'), JSON.stringify(identity));
}

function localCloud(...parameters: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...parameters, '--port', String(asked)], (error, stdout) =>
      resolve({ code: Number(error?.code ?? 0), stdout }),
    );
  });
}

beforeAll(async () => {
  await plant(up);
  await plant(killed, 'long ago');
  mkdirSync(join(homeFolder(), 'run-away'), { recursive: true });
});
afterAll(() => {
  for (const port of [up, killed]) rmSync(runFolder(port), { recursive: true, force: true });
  rmSync(join(homeFolder(), 'run-away'), { recursive: true, force: true });
});

describe('clouds on other ports', () => {
  it('are those whose process runs', async () => {
    const ports = await runningPorts();
    expect(ports).toContain(up);
    expect(ports).not.toContain(killed);
    expect(ports.every(Number.isInteger)).toBe(true);
  });

  it('are named by status', async () => {
    const { code, stdout } = await localCloud('status');
    expect(code).toBe(1);
    expect(stdout).toContain(`No local cloud answers at 127.0.0.1:${asked}.\n`);
    expect(stdout).toMatch(/Up on another port: .*62102; local-cloud status --port 6?\d+ describes it/);
  });

  it('are named by down, which leaves them as they are', async () => {
    const { code, stdout } = await localCloud('down');
    expect(code).toBe(0);
    expect(stdout).toContain(`The local cloud was not up on port ${asked}; nothing was left of it there.\n`);
    expect(stdout).toMatch(/Up on another port: .*62102; local-cloud down --port \d+ ends it/);
    expect(await runningPorts()).toContain(up);
  });

  it.each(['status', 'down'])('are listed by %s --json', async (command) => {
    const { stdout } = await localCloud(command, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ others: expect.arrayContaining([up]) as unknown });
    expect(stdout).not.toContain(String(killed));
  });
});
