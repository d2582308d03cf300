import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';

/** Those of the machine that runs the tests would lead past the stand-in. */
const proxyVariables = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);
const variables = process.env;

/** What GitHub's toolkit reads of a job. */
export interface JobVariables {
  apiUrl: string;
  /** Text of the file that tells of the event. */
  event?: string;
  eventName?: string;
  repository?: string;
  proxy?: string;
}

let loadedFor = '';

/**
 * Runs `work` as a step of such a job; @actions/github reads its variables when it is loaded, which takes a second: it is
 * done again only for another job.
 */
export async function inJob<T>(job: JobVariables, work: () => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'github-job-'));
  const eventPath = join(folder, 'event.json');
  await writeFile(eventPath, job.event ?? '{}');
  process.env = {
    ...Object.fromEntries(Object.entries(variables).filter(([name]) => !proxyVariables.includes(name))),
    GITHUB_API_URL: job.apiUrl,
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_EVENT_NAME: job.eventName ?? 'push',
    GITHUB_REPOSITORY: job.repository ?? 'octo-org/shop',
    ...(job.proxy !== undefined && { http_proxy: job.proxy }),
  };
  if (JSON.stringify(job) !== loadedFor) jest.resetModules();
  loadedFor = JSON.stringify(job);
  try {
    return await work();
  } finally {
    process.env = variables;
    await rm(folder, { recursive: true });
  }
}
