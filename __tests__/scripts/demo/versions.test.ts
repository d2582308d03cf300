import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commitVersion, createRepository, demoVersions } from '../../../scripts/demo/versions.ts';

/** The status that /healthz of the working copy gives when everything is well; in a process of its own, for jest caches modules. */
function healthStatus(repository: string): number {
  const script = `
    const { healthRoute, liveness } = await import('./src/health.js');
    const response = { status: (status) => (console.log(status), response), set: () => response, json: () => response };
    const database = { configured: true, migrated: true, check: () => Promise.resolve() };
    await healthRoute(liveness, { lifecycle: { stopping: false }, database, config: {} })({}, response);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: repository }));
}

describe('the three versions', () => {
  let repository = '';
  const shas: string[] = [];
  const statuses: number[] = [];

  beforeAll(async () => {
    repository = await createRepository();
    for (const version of demoVersions) {
      shas.push(await commitVersion(repository, version));
      statuses.push(healthStatus(repository));
    }
  });
  afterAll(() => rm(repository, { recursive: true, force: true }));

  it('are three commits, of which the last is never healthy', () => {
    const log = execFileSync('git', ['log', '--format=%H', '--reverse'], {
      cwd: repository,
      encoding: 'utf8',
    });
    expect(log.trim().split('\n')).toEqual(shas);
    expect(new Set(shas).size).toBe(3);
    expect(statuses).toEqual([200, 200, 503]);
  });

  it('hold what an image needs, without packages and tests', () => {
    const files = ['Dockerfile', 'package-lock.json', 'src/server.js', 'node_modules', 'test'];
    expect(files.map((file) => existsSync(join(repository, file)))).toEqual([true, true, true, false, false]);
  });

  it('are refused when the sample application has moved on', async () => {
    await writeFile(join(repository, 'src/health.js'), '');
    const third = demoVersions[2];
    if (!third) throw new Error('there is a third version');
    await expect(commitVersion(repository, third)).rejects.toThrow(/health\.js holds 0 times and not once/);
  });
});
