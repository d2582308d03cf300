/** The services that the gateway answers itself, and how they hang together. Made anew by every reset. */
import { Databases } from './database/databases.ts';
import type { FleetControl } from './gateway/control.ts';
import type { AnswerFilter, Service } from './gateway/wire.ts';
import { createMotoClients } from './moto/clients.ts';
import type { Moto } from './moto/process.ts';
import { createEcr } from './registry/ecr.ts';
import type { RegistryServer } from './registry/oci.ts';
import type { Repositories } from './registry/repositories.ts';
import type { Tokens } from './registry/tokens.ts';
import type { InstanceKind } from './server.ts';
import { networkName } from './setup/leftovers.ts';

export interface CompositionOptions {
  /** The gateway's port: what containers and networks of this run are labelled with. */
  id: number;
  instances: InstanceKind;
  speed: number;
  instanceImage?: string;
  log: (line: string) => void;
  moto: Moto;
  registry: RegistryServer & { repositories: Repositories };
  tokens: Tokens;
}

export interface Cloud {
  services: Record<string, Service>;
  filters: AnswerFilter[];
  fleet?: FleetControl;
  loadBalancerAddresses(): string[];
  close(): Promise<void>;
}

export async function composeCloud(options: CompositionOptions): Promise<Cloud> {
  const { id, instances, log, moto, registry, tokens } = options;
  const clients = createMotoClients(moto.endpoint);
  const databases = new Databases({ port: id, network: networkName(id), log });
  const registryEndpoint = `http://127.0.0.1:${registry.port}`;
  return {
    services: { ecr: createEcr(registry.repositories, tokens, registryEndpoint) },
    filters: instances === 'docker' ? databases.filters() : [],
    loadBalancerAddresses: () => [],
    async close() {
      await databases.close();
      clients.destroy();
    },
  };
}
