/** Images in one repository of the local cloud's registry, where they share the layers of their base. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';
import { docker } from './machines.ts';

/** Runs `server.mjs`, as the bundled root runs any container. */
export const serverDockerfile = `FROM node:24-bookworm-slim
WORKDIR /app
COPY server.mjs ./
USER 1000:1000
CMD ["node", "server.mjs"]
`;

/** What a version does wrong. */
export interface Behaviour {
  /** Share of its requests that it fails. */
  failing?: number;
  /** Milliseconds that it takes for an answer. */
  delay?: number;
  /** It ends as soon as it has begun. */
  dies?: boolean;
}

/** `server.mjs` of a service that says which version it is; its health check is well whatever it does wrong. */
export const versionServer = (
  version: string,
  { failing = 0, delay = 0, dies = false }: Behaviour = {},
): string => `
if (${dies}) process.exit(1);
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  response.setHeader('X-App-Version', '${version}');
  response.statusCode = request.url !== '/healthz' && Math.random() < ${failing} ? 500 : 200;
  setTimeout(() => response.end('hello'), request.url === '/healthz' ? 0 : ${delay});
});
// Longer than the load balancer keeps a connection that nobody uses.
server.keepAliveTimeout = 120_000;
process.on('SIGTERM', () => server.close(() => process.exit(0)));
server.listen(process.env.PORT, () => console.log('listening'));
`;

export class Images {
  readonly #ecr: ECRClient;
  readonly #repository: string;
  readonly #uri: string;
  readonly #folder: string;
  readonly #names: string[] = [];

  private constructor(ecr: ECRClient, [repository, uri]: [string, string], folder: string) {
    this.#ecr = ecr;
    this.#repository = repository;
    this.#uri = uri;
    this.#folder = folder;
  }

  static async create(repositoryName: string, cloud: CloudDescription): Promise<Images> {
    const ecr = new ECRClient(clientConfiguration(cloud));
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    ecr.destroy();
    return Images.of(repositoryName, cloud);
  }

  /** Those of a repository that is there. */
  static async of(repositoryName: string, cloud: CloudDescription): Promise<Images> {
    const ecr = new ECRClient(clientConfiguration(cloud));
    const look = new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] });
    const [repository] = (await ecr.send(look)).repositories ?? [];
    const folder = await mkdtemp(join(tmpdir(), 'images-'));
    const images = new Images(ecr, [repositoryName, repository?.repositoryUri ?? ''], folder);
    await images.#logIn();
    return images;
  }

  async #logIn(): Promise<void> {
    const { authorizationData } = await this.#ecr.send(new GetAuthorizationTokenCommand({}));
    const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString();
    const parameters = ['--config', this.#folder, 'login', '--username', 'AWS', '--password-stdin'];
    await new Promise<void>((resolve, reject) => {
      const done = (error: Error | null): void => (error ? reject(error) : resolve());
      const child = execFile('docker', [...parameters, this.#uri.split('/')[0] ?? ''], done);
      child.stdin?.end(token.replace(/^AWS:/, ''));
    });
  }

  /**
   * Builds and pushes an image.
   *
   * @param files of the build's context, by name, the Dockerfile among them
   * @returns repository@digest
   */
  async push(tag: string, files: Record<string, string>): Promise<string> {
    const context = await mkdtemp(join(this.#folder, 'context-'));
    for (const [file, text] of Object.entries(files)) await writeFile(join(context, file), text);
    return this.pushFolder(tag, context);
  }

  async pushFolder(tag: string, context: string): Promise<string> {
    const name = `${this.#uri}:${tag}`;
    this.#names.push(name);
    await docker('build', '--quiet', '--tag', name, context);
    await docker('--config', this.#folder, 'push', '--quiet', name);
    return docker('inspect', '--format', '{{index .RepoDigests 0}}', name);
  }

  /** Somebody, or a lifecycle rule, deletes an image. */
  async remove(image: string): Promise<void> {
    const [, imageDigest] = image.split('@');
    const imageIds = [{ imageDigest }];
    await this.#ecr.send(new BatchDeleteImageCommand({ repositoryName: this.#repository, imageIds }));
  }

  async close(): Promise<void> {
    this.#ecr.destroy();
    if (this.#names.length > 0) await docker('rmi', '--force', ...this.#names);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
