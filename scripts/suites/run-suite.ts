import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endProcessTree } from '../process-tree.ts';
import { showAtOnce } from './in-turn.ts';
import type { Show } from './in-turn.ts';
import { fromExitCode, readJestReport, readTap, readTerraformTest } from './results.ts';
import type { SuiteResult } from './results.ts';

export interface Suite {
  title: string;
  command: string;
  parameters: string[];
  /** Relative to the checkout. */
  directory?: string;
  environment?: Record<string, string>;
  /** Where the figures come from; a file has its path in SUITE_REPORT, and for `{report}` in the parameters. */
  report: 'exit code' | 'jest' | 'tap' | 'terraform';
  /** How many processors it keeps busy, one when left out: 0 for what mostly waits. */
  processors?: 0 | 1 | 2;
  /** Why it can't run here. */
  missing?: string | undefined;
}

/** Where suites run: the checkout, the PATH on which they find programs, what ends them early, and who shows their lines. */
export interface Surroundings {
  root: string;
  path: string;
  signal?: AbortSignal;
  show?: Show;
}

/** Runs one suite with its output shown, and reads what it came to. */
export async function runSuite(suite: Suite, surroundings: Surroundings): Promise<SuiteResult> {
  const { show = showAtOnce } = surroundings;
  show(`\n━━ ${suite.title}`, 'stdout');
  if (suite.missing !== undefined) {
    show(`skipped: ${suite.missing}`, 'stdout');
    return { passed: 0, failed: 0, skipped: [{ name: suite.title, reason: suite.missing }] };
  }
  const folder = await mkdtemp(join(tmpdir(), 'suite-'));
  const report = join(folder, 'report');
  const start = performance.now();
  try {
    const execution = await execute(suite, surroundings, report);
    const result = withFailure(suite, await read(suite, execution, report), execution);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    show(`${result.passed} passed, ${result.failed} failed in ${seconds} s`, 'stdout');
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Execution {
  exitCode: number;
  stdout: string;
  /** The last lines of all that it wrote, as they were shown. */
  end: string[];
}

/** Of a suite that does not name what failed in it, so many lines tell of it. */
const endLines = 30;

function execute(
  suite: Suite,
  { root, path, signal, show = showAtOnce }: Surroundings,
  report: string,
): Promise<Execution> {
  const parameters = suite.parameters.map((parameter) => parameter.replace('{report}', report));
  return new Promise((resolve) => {
    const child = spawn(suite.command, parameters, {
      cwd: join(root, suite.directory ?? '.'),
      env: {
        ...process.env,
        // What is shown through a pipe is still shown on a terminal.
        ...(process.stderr.isTTY && { FORCE_COLOR: '1' }),
        ...suite.environment,
        ...{ PATH: path, SUITE_REPORT: report },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let ending: Promise<void> | undefined;
    const end = () => {
      ending = endProcessTree(child.pid ?? 0);
    };
    signal?.addEventListener('abort', end, { once: true });
    let stdout = '';
    const last: string[] = [];
    const tell: Show = (line, stream) => {
      if (last.push(line) > endLines) last.shift();
      show(line, stream);
    };
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout += `${line}\n`;
      tell(suite.report === 'terraform' ? messageOf(line) : line, 'stdout');
    });
    createInterface({ input: child.stderr }).on('line', (line) => tell(line, 'stderr'));
    child.once('error', (error) => {
      tell(`${suite.command} can not be started: ${error.message}`, 'stderr');
      resolve({ exitCode: 127, stdout, end: last });
    });
    child.once('close', (code) => {
      signal?.removeEventListener('abort', end);
      void (ending ?? Promise.resolve()).then(() => resolve({ exitCode: code ?? 1, stdout, end: last }));
    });
  });
}

/** The text for people in one of Terraform's JSON events. */
function messageOf(line: string): string {
  if (!line.startsWith('{')) return line;
  return (JSON.parse(line) as { '@message'?: string })['@message'] ?? '';
}

/** A suite that ended badly has failed, whatever its figures say. */
async function read(suite: Suite, { exitCode, stdout }: Execution, report: string): Promise<SuiteResult> {
  const text = suite.report === 'terraform' ? stdout : await readFile(report, 'utf8').catch(() => '');
  const result = parse(suite.report, text) ?? fromExitCode(exitCode);
  return exitCode !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
}

/** A suite that names no test that failed, such as a linter, is named itself, with the end of its output. */
function withFailure({ title }: Suite, result: SuiteResult, { end }: Execution): SuiteResult {
  if (result.failed === 0 || (result.failures ?? []).length > 0) return result;
  return { ...result, failures: [{ name: title, message: end.join('\n') }] };
}

function parse(kind: Suite['report'], text: string): SuiteResult | undefined {
  if (text === '') return undefined;
  switch (kind) {
    case 'exit code':
      return undefined;
    case 'jest':
      return readJestReport(text);
    case 'tap':
      return readTap(text);
    case 'terraform':
      return readTerraformTest(text);
  }
}
