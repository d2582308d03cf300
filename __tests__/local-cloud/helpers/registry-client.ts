/** The registry as docker and the AWS SDK see it. */
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { createHash } from 'node:crypto';
import { startTestGateway, type TestGateway } from './registry.ts';

export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
export const CONFIG = '{"config":true}';
export const LAYER = 'a layer';
export const OCI = 'application/vnd.oci.image.manifest.v1+json';

export function manifestOf(note: string, layer = LAYER): string {
  const descriptor = (text: string) => ({ mediaType: 'x', digest: digestOf(text), size: text.length });
  const annotations = { note };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI,
    config: descriptor(CONFIG),
    layers: [descriptor(layer)],
    annotations,
  });
}

/** A registry for all tests of a file; each finds one repository in it, `shop`, empty and immutable. */
export class RegistryClient {
  #cloud: TestGateway | undefined;
  #ecr: ECRClient | undefined;
  #authorization = '';

  constructor() {
    beforeAll(async () => {
      this.#cloud = await startTestGateway();
      this.#ecr = this.client('eu-north-1');
    });
    beforeEach(async () => {
      this.cloud.repositories.clear();
      this.cloud.faults.clear();
      const shop = { repositoryName: 'shop', imageTagMutability: 'IMMUTABLE' } as const;
      await this.ecr.send(new CreateRepositoryCommand(shop));
      const { authorizationData } = await this.ecr.send(new GetAuthorizationTokenCommand({}));
      this.#authorization = `Basic ${authorizationData?.[0]?.authorizationToken ?? ''}`;
    });
    afterAll(async () => {
      this.#ecr?.destroy();
      await this.#cloud?.close();
    });
  }

  get cloud(): TestGateway {
    if (this.#cloud === undefined) throw new Error('the registry is there only while tests run');
    return this.#cloud;
  }

  get ecr(): ECRClient {
    if (this.#ecr === undefined) throw new Error('the client is there only while tests run');
    return this.#ecr;
  }

  /** A client of its own, which does not try twice and is to be destroyed. */
  client(region: string): ECRClient {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'x' };
    return new ECRClient({ endpoint: this.cloud.endpoint, region, credentials, maxAttempts: 1 });
  }

  /** Asks the registry with a login, below `/v2/`. */
  registry(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: this.#authorization, ...init.headers };
    return fetch(`${this.cloud.registry}/v2/${path}`, { ...init, headers });
  }

  async pushBlob(text: string, repository = 'shop'): Promise<void> {
    const started = await this.registry(`${repository}/blobs/uploads/`, { method: 'POST' });
    const location = started.headers.get('location') ?? '';
    const chunk = await this.registry(location.slice('/v2/'.length), {
      method: 'PATCH',
      body: text.slice(0, 3),
    });
    expect(chunk.status).toBe(202);
    expect(chunk.headers.get('range')).toBe('0-2');
    const finish = `${location.slice('/v2/'.length)}?digest=${digestOf(text)}`;
    expect((await this.registry(finish, { method: 'PUT', body: text.slice(3) })).status).toBe(201);
  }

  async pushImage(tag: string, note: string): Promise<Response> {
    await this.pushBlob(CONFIG);
    await this.pushBlob(LAYER);
    const headers = { 'content-type': OCI };
    return this.registry(`shop/manifests/${tag}`, { method: 'PUT', headers, body: manifestOf(note) });
  }
}
