import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const probe = fileURLToPath(new URL('peak-memory.cjs', import.meta.url));

/**
 * Runs Node processes that say at their end how large they were.
 * @param work starts them with these variables and waits for them
 * @returns the largest of each, in MB, in the order in which they ended
 */
export async function withPeakMemory<T>(
  work: (environment: Record<string, string>) => Promise<T>,
): Promise<{ result: T; megabytes: number[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'asg-deploy-bench-'));
  const file = join(folder, 'peaks');
  try {
    const result = await work({ NODE_OPTIONS: `--require ${probe}`, BENCH_PEAK_MEMORY: file });
    const text = await readFile(file, 'utf8').catch(() => '');
    return { result, megabytes: text.split('\n').filter(Boolean).map(Number) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
