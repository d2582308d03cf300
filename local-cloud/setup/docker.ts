/** A Docker engine: the one that runs, or on Debian and Ubuntu one that is installed and started here. */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, installPackages, mayInstallPackages } from './apt.ts';
import { forgetProcessorShare, raiseProcessorShare } from './processor-share.ts';
import {
  endProcess,
  homeFolder,
  identifyProcess,
  isRunning,
  lastLines,
  type ProcessIdentity,
  runCommand,
  SetupError,
} from '../host/index.ts';

const START_SECONDS = 60;

type Say = (line: string) => void;

async function engineAnswers(): Promise<boolean> {
  const { exitCode } = await runCommand('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeoutSeconds: 20,
  });
  return exitCode === 0;
}

const identityFile = (): string => join(homeFolder(), 'dockerd.json');

/** An engine that was started here, and for whom: only they end it. */
type OurEngine = ProcessIdentity & { startedFor: string };

function ourEngine(file: string): OurEngine | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as OurEngine;
  } catch {
    return undefined;
  }
}

function unavailable(why: string): SetupError {
  const next =
    process.platform === 'darwin' || process.platform === 'win32'
      ? 'start Docker Desktop and run this again'
      : 'start it (systemctl start docker), make sure that you may use it (docker info), and run this again';
  return new SetupError('There is no Docker engine that answers. Nothing was started.', {
    why,
    next: `${next}; or use --instances simulated, which needs no Docker`,
  });
}

async function startEngine(startedFor: string, say: Say): Promise<void> {
  if (existsSync('/run/systemd/system')) {
    say('starting Docker (systemctl start docker)');
    await runCommand('systemctl', ['start', 'docker'], { timeoutSeconds: START_SECONDS });
    if (await engineAnswers()) return;
  }
  const logFile = join(homeFolder(), 'dockerd.log');
  say(`starting Docker in the background (dockerd; its log is ${logFile})`);
  raiseProcessorShare();
  const log = openSync(logFile, 'w');
  const child = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  const identity = await identifyProcess(child.pid ?? -1);
  if (identity !== undefined)
    writeFileSync(identityFile(), `${JSON.stringify({ ...identity, startedFor })}\n`);
  const deadline = Date.now() + START_SECONDS * 1000;
  while (!(await engineAnswers())) {
    const alive = identity !== undefined && (await isRunning(identity));
    if (alive && Date.now() < deadline) {
      await delay(200);
      continue;
    }
    if (identity !== undefined) await endProcess(identity, 10);
    forgetProcessorShare();
    rmSync(identityFile(), { force: true });
    throw unavailable(readFileSync(logFile, 'utf8').trim().split('\n').slice(-8).join('\n'));
  }
}

/**
 * Makes sure that `docker` reaches an engine.
 *
 * @param startedFor who needs it; an engine that has to be started for them is theirs to end
 * @throws SetupError when there is none and this machine is not one where it may be installed and started
 */
export async function ensureDocker(startedFor: string, say: Say): Promise<void> {
  if (await engineAnswers()) return;
  const host = process.env.DOCKER_HOST;
  if (host !== undefined && host !== '')
    throw unavailable(`DOCKER_HOST is ${host}, and nothing answers there`);
  const result = await runCommand('docker', ['version'], { timeoutSeconds: 20 });
  if (!mayInstallPackages()) {
    throw unavailable(`${lastLines(result)}\nit is installed by itself only for root on Debian or Ubuntu`);
  }
  if (findProgram('dockerd') === undefined || findProgram('docker') === undefined) {
    await installPackages(['docker.io', 'iptables'], say);
    if (await engineAnswers()) return;
  }
  await startEngine(startedFor, say);
}

/**
 * Ends the engine that `ensureDocker` started in the background for the same `startedFor`, unless containers run on it.
 * @returns whether it was ended
 */
export async function stopDockerEngine(
  startedFor: string,
  say: Say,
  file = identityFile(),
): Promise<boolean> {
  const identity = ourEngine(file);
  if (identity === undefined || !(await isRunning(identity))) {
    rmSync(file, { force: true });
    return false;
  }
  if (identity.startedFor !== startedFor) return false;
  const { stdout } = await runCommand('docker', ['ps', '--quiet']);
  if (stdout.trim() !== '') {
    say('Docker, which was started here, is left running: there are other containers on it.');
    return false;
  }
  await endProcess(identity, 30);
  forgetProcessorShare();
  rmSync(file, { force: true });
  say('stopped Docker, which was started here');
  return true;
}
