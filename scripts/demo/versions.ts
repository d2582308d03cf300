import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const sampleApp = fileURLToPath(new URL('../../sample-app', import.meta.url));

export interface DemoVersion {
  number: 1 | 2 | 3;
  /** What the application says in X-App-Version; the image's build argument APP_VERSION. */
  version: string;
  subject: string;
  edits: { file: string; from: string; to: string }[];
}

/** Three commits as a team might make them. The third holds an honest mistake. */
export const demoVersions: DemoVersion[] = [
  {
    number: 1,
    version: '1.0.0',
    subject: 'Keep notes in PostgreSQL',
    edits: [],
  },
  {
    number: 2,
    version: '2.0.0',
    subject: 'Greet the reader',
    edits: [{ file: 'src/page.js', from: '<h1>Notes</h1>', to: '<h1>Your notes</h1>' }],
  },
  {
    number: 3,
    version: '3.0.0',
    subject: 'Call a healthy instance healthy',
    // The route still compares with "ok", so that /healthz answers 503 and the instance never becomes healthy.
    edits: [
      { file: 'src/health.js', from: "return { status: 'ok',", to: "return { status: 'healthy'," },
      { file: 'src/page.js', from: '<h1>Your notes</h1>', to: '<h1>Your healthy notes</h1>' },
    ],
  },
];

/** A git repository in the temporary folder that holds the sample application, without a commit yet. */
export async function createRepository(): Promise<string> {
  const repository = await mkdtemp(join(tmpdir(), 'asg-deploy-demo-'));
  await cp(sampleApp, repository, {
    recursive: true,
    filter: (source) => !['node_modules', 'test'].includes(basename(source)),
  });
  await git(repository, ['init', '--quiet', '--initial-branch=main']);
  return repository;
}

/**
 * Edits the working copy to this version and commits it.
 *
 * @returns the commit's SHA, 40 hex digits
 * @throws Error when a text to replace is not there exactly once: then the sample application has moved on
 */
export async function commitVersion(repository: string, { subject, edits }: DemoVersion): Promise<string> {
  for (const edit of edits) await replaceOnce(join(repository, edit.file), edit.from, edit.to);
  const identity = [
    '-c',
    'user.name=Demo',
    '-c',
    'user.email=demo@example.com',
    '-c',
    'commit.gpgsign=false',
  ];
  await git(repository, ['add', '--all']);
  await git(repository, [...identity, 'commit', '--quiet', '--allow-empty', '-m', subject]);
  return git(repository, ['rev-parse', 'HEAD']);
}

async function git(repository: string, args: string[]): Promise<string> {
  const { stdout } = await execute('git', args, { cwd: repository, encoding: 'utf8' });
  return stdout.trim();
}

async function replaceOnce(file: string, from: string, to: string): Promise<void> {
  const parts = (await readFile(file, 'utf8')).split(from);
  if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times and not once: ${from}`);
  await writeFile(file, parts.join(to));
}
