/** Gateway and registry in this process, without moto: what is not ECR's goes nowhere. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallLog } from '../../../local-cloud/gateway/calls.ts';
import { Faults } from '../../../local-cloud/gateway/faults.ts';
import { createUpstream } from '../../../local-cloud/gateway/forward.ts';
import { startGateway } from '../../../local-cloud/gateway/server.ts';
import { Blobs } from '../../../local-cloud/registry/blobs.ts';
import { createEcr } from '../../../local-cloud/registry/ecr.ts';
import { startRegistry } from '../../../local-cloud/registry/oci.ts';
import { Repositories } from '../../../local-cloud/registry/repositories.ts';
import { createModels } from '../../../local-cloud/model/index.ts';
import { Tokens } from '../../../local-cloud/registry/tokens.ts';
import { models } from './service-model.ts';

export interface TestGateway {
  endpoint: string;
  registry: string;
  repositories: Repositories;
  faults: Faults;
  calls: CallLog;
  close(): Promise<void>;
}

const ACCOUNT = { registryId: '123456789012', region: 'eu-north-1' };

export async function startTestGateway(): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'asg-registry-'));
  const tokens = new Tokens();
  const faults = new Faults();
  const create = (host: string) => new Repositories({ ...ACCOUNT, host, blobs: new Blobs(folder) });
  const server = await startRegistry(0, create, { tokens, faults });
  const { port, repositories } = server;
  const registry = `http://127.0.0.1:${port}`;
  const calls = new CallLog();
  const gateway = await startGateway({
    ...{ port: 0, region: ACCOUNT.region, accountId: ACCOUNT.registryId },
    // Discard: nothing listens there.
    upstream: createUpstream(9),
    routes: () => ({ services: { ecr: createEcr(repositories, tokens, registry) }, filters: [] }),
    control: () => Promise.resolve({ status: 404, headers: {}, body: '' }),
    ...{ calls, faults, log: () => undefined },
    ...(models !== undefined && { models: createModels(models) }),
  });
  return {
    ...{ endpoint: `http://127.0.0.1:${gateway.port}`, registry, repositories, faults, calls },
    async close() {
      await gateway.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
