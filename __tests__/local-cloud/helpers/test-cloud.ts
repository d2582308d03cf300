/** A simulated local cloud of a test's own, and what AWS clients reach it with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from '../../../local-cloud/cloud/server.ts';
import { existingPython } from '../../../local-cloud/setup/python.ts';

/** The virtual environment that `npm test` makes; undefined where it could not be made. */
export const python = await existingPython();

export interface TestCloud {
  endpoint: string;
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Moves the clock by so many seconds. */
  advance(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Any free port; time moves only as fast as real time unless it is advanced. */
export async function startTestCloud(options: Partial<LocalCloudOptions> = {}): Promise<TestCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'asg-cloud-'));
  const cloud: LocalCloud = await startLocalCloud({
    ...{ port: 0, instances: 'simulated', speed: 1, folder, python: python ?? '', log: () => undefined },
    ...options,
  });
  const { endpoint } = cloud;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local-cloud' };
  return {
    endpoint,
    client: { endpoint, region: options.region ?? 'eu-north-1', credentials },
    async advance(seconds) {
      const body = JSON.stringify({ advance: seconds });
      const answer = await fetch(`${endpoint}/_local/clock`, { method: 'POST', body });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async close() {
      await cloud.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
