/**
 * `node scripts/bootstrap.mjs script.ts …`: runs a script of this repository with the Node that package.json
 * pins, after installing the dependencies when they are not what the lock file says. Plain JavaScript, because
 * whatever Node the machine has (20 or later) runs it.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pinnedNode = join(root, 'node_modules', '.bin', 'node');
/** Where Node keeps what it made of sources: the local cloud's command then starts in half the time. */
const compileCache = join(root, 'node_modules', '.cache', 'node');
const OLDEST_NODE = 20;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** npm and the terminal may both send us the signal of one Ctrl-C. */
const SAME_EVENT_MILLISECONDS = 1000;

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** Whether node_modules holds what the lock file says. npm keeps a list of what it installed there. */
function isInstalled() {
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  const wanted = Object.entries(packagesOf(join(root, 'package-lock.json')));
  const missing = wanted.filter(
    ([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version,
  );
  return existsSync(pinnedNode) && missing.length === 0;
}

/**
 * Runs a command to its end. It has a process group of its own, so that Ctrl-C in a terminal reaches it only
 * through here, and once.
 * @returns its exit code; 128 + n when signal n ended it
 */
function run(command, parameters, stdout, environment = process.env) {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      stdio: ['inherit', stdout, 'inherit'],
      detached: true,
      env: environment,
    });
    const passedOn = new Map();
    const passOn = (signal) => {
      const now = Date.now();
      if (now - (passedOn.get(signal) ?? 0) < SAME_EVENT_MILLISECONDS) return;
      passedOn.set(signal, now);
      child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, passOn);
    const end = (code) => {
      for (const signal of SIGNALS) process.off(signal, passOn);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(`Error: ${command} could not be started: ${error.message}`);
      end(127);
    });
    child.once('exit', (code, signal) => end(code ?? 128 + constants.signals[signal]));
  });
}

async function main([script, ...parameters]) {
  const [major] = process.versions.node.split('.');
  if (Number(major) < OLDEST_NODE) {
    console.error(
      `Error: this is Node ${process.versions.node}; ${OLDEST_NODE} or later is needed. Nothing was touched.`,
    );
    return 1;
  }
  if (script === undefined) {
    console.error('usage: node scripts/bootstrap.mjs <script.ts> [arguments]');
    return 2;
  }
  if (!isInstalled()) {
    console.error('installing the Node dependencies (npm ci)');
    // Standard output is the script's: `local-cloud up --json` promises one line there.
    const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--prefix', root], 2);
    if (code !== 0) {
      console.error(
        `Error: npm ci ended with code ${code}; its own words are above. Nothing else was started.`,
      );
      console.error('  next: make the npm registry reachable (npm ping), then run this again');
      return code;
    }
  }
  return run(pinnedNode, [script, ...parameters], 'inherit', {
    NODE_COMPILE_CACHE: compileCache,
    ...process.env,
  });
}

process.exitCode = await main(process.argv.slice(2));
