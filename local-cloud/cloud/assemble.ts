/** The services that the gateway answers itself, and how they hang together. Made anew by every reset. */
import { assembleDocker } from './docker.ts';
import { assembleSimulated } from './simulated.ts';
import type { Cloud, AssemblyOptions } from './options.ts';
import type { InstanceKind } from '../instance/index.ts';
import { createMotoClients, type Moto } from '../moto/index.ts';
import { createEcr, type RegistryServer, type Repositories, type Tokens } from '../registry/index.ts';

/** What lives on when the cloud is emptied, and how instances are to be run. */
export interface Parts {
  instances: InstanceKind;
  moto: Moto;
  registry: RegistryServer & { repositories: Repositories };
  tokens: Tokens;
}

/** Puts the services together. What was started is taken down again when something fails. */
export async function assembleCloud(options: Omit<AssemblyOptions, 'clients'> & Parts): Promise<Cloud> {
  const { moto, registry, tokens, instances } = options;
  const clients = createMotoClients(moto.endpoint, options.region);
  const ecr = createEcr(registry.repositories, tokens, `http://127.0.0.1:${registry.port}`);
  const assemble = instances === 'docker' ? assembleDocker : assembleSimulated;
  const cloud = await assemble({ ...options, clients });
  return {
    ...cloud,
    services: { ...cloud.services, ecr },
    async close() {
      await cloud.close();
      clients.destroy();
    },
  };
}
