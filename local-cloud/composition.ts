/** The services that the gateway answers itself, and how they hang together. Made anew by every reset. */
import { composeDocker } from './composition/docker.ts';
import { composeSimulated } from './composition/simulated.ts';
import type { Cloud, CompositionOptions, InstanceKind } from './composition/options.ts';
import { createMotoClients } from './moto/clients.ts';
import { createEcr } from './registry/ecr.ts';
import type { RegistryServer } from './registry/oci.ts';
import type { Repositories } from './registry/repositories.ts';
import type { Tokens } from './registry/tokens.ts';
import type { Moto } from './moto/process.ts';

export interface Parts {
  instances: InstanceKind;
  moto: Moto;
  registry: RegistryServer & { repositories: Repositories };
  tokens: Tokens;
}

/** Puts the services together. What was started is taken down again when something fails. */
export async function composeCloud(options: Omit<CompositionOptions, 'clients'> & Parts): Promise<Cloud> {
  const { moto, registry, tokens, instances } = options;
  const clients = createMotoClients(moto.endpoint, options.region);
  const ecr = createEcr(registry.repositories, tokens, `http://127.0.0.1:${registry.port}`);
  const compose = instances === 'docker' ? composeDocker : composeSimulated;
  const cloud = await compose({ ...options, clients });
  return {
    ...cloud,
    services: { ...cloud.services, ecr },
    async close() {
      await cloud.close();
      clients.destroy();
    },
  };
}
