/**
 * The OCI distribution API (distribution-spec 1.1) over our repositories: what docker login, push and pull speak.
 * As in ECR, a repository must exist before it is pushed to, every request needs a login, and nothing is
 * deleted through this door.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, type Authorize, type Decision, type Faults, readBody } from '../gateway/index.ts';
import { actionOf, underFault } from './faulty.ts';
import type { Peers, RegistryCall } from './peers.ts';
import type { Repositories, Repository } from './repositories.ts';
import { statusOf } from './storage-class.ts';
import type { Tokens } from './tokens.ts';

/** The manifest size that ECR accepts (ECR service quotas: 4 MiB). */
const MANIFEST_LIMIT = 4 * 1024 * 1024;

class OciError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** ECR's errors, as docker sees them. */
const OCI_CODES: Record<string, [number, string]> = {
  AccessDeniedException: [403, 'DENIED'],
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
  LayersNotFoundException: [404, 'MANIFEST_BLOB_UNKNOWN'],
  ReferencedImagesNotFoundException: [404, 'MANIFEST_BLOB_UNKNOWN'],
  InvalidParameterException: [400, 'MANIFEST_INVALID'],
  ImageDigestDoesNotMatchException: [400, 'DIGEST_INVALID'],
};

function toOciError(error: unknown): OciError {
  if (error instanceof OciError) return error;
  if (error instanceof RangeError) return new OciError(413, 'SIZE_INVALID', error.message);
  const known = error instanceof ApiError ? OCI_CODES[error.code] : undefined;
  const [status, code] = known ?? [500, 'UNKNOWN'];
  return new OciError(status, code, error instanceof Error ? error.message : String(error));
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  repository: Repository;
  /** What comes after the repository's name, for instance `blobs` and a digest. */
  rest: string[];
}

/** A registry that listens on 127.0.0.1. */
export interface RegistryServer {
  port: number;
  close(): Promise<void>;
}

/** What a registry is told beside its repositories. */
export interface RegistryOptions {
  tokens: Tokens;
  faults: Faults;
  /** Undefined while nobody is asked whether a request is allowed. */
  authorize?: () => Authorize | undefined;
  /** Whose passwords are good here as well. */
  peers?: Peers;
}

/** Says what the holder of a password may do: what the caller may who asked for it. */
type Holder = (call: RegistryCall) => Promise<Decision | undefined>;

class OciApi {
  readonly #repositories: Repositories;
  readonly #options: RegistryOptions;

  constructor(repositories: Repositories, options: RegistryOptions) {
    this.#repositories = repositories;
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    try {
      await this.#route(request, response);
    } catch (error) {
      const { status, code, message } = toOciError(error);
      request.resume();
      if (response.headersSent) {
        response.destroy();
        return;
      }
      if (status === 401) response.setHeader('www-authenticate', 'Basic realm="asg-deploy local cloud"');
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code, message }] }));
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const signature = url.searchParams.get('X-Amz-Signature');
    const authorization = signature === null ? request.headers.authorization : `Basic ${signature}`;
    const holder = await this.#holderOf(authorization);
    if (holder === undefined) {
      const how = 'log in with the password that ecr GetAuthorizationToken gives, user AWS';
      throw new OciError(401, 'UNAUTHORIZED', `authentication required: ${how}`);
    }
    if (url.pathname === '/v2/' || url.pathname === '/v2') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const match = /^\/v2\/(.+?)\/(blobs|manifests|tags)\/(.*)$/.exec(url.pathname);
    const [, name, kind, rest] = match ?? [];
    if (name === undefined || kind === undefined || rest === undefined) {
      throw new OciError(404, 'UNSUPPORTED', `there is no ${url.pathname} here`);
    }
    const repository = this.#repositories.get(name);
    const exchange = { request, response, url, repository, rest: rest.split('/') };
    const operation = actionOf(request.method, kind, exchange.rest);
    const asked = { service: 'ecr', operation, parameters: { repositoryName: name } };
    const fault = this.#options.faults.take(asked);
    const { region, registryId: accountId } = this.#repositories;
    const decision = await holder({ ...asked, region, accountId });
    if (decision?.refusal !== undefined) throw decision.refusal;
    await underFault(fault, response, () => this.#answer(kind, exchange));
  }

  /** Undefined when the password was given out neither here nor by a peer. */
  async #holderOf(authorization: string | undefined): Promise<Holder | undefined> {
    const { tokens, authorize, peers } = this.#options;
    const { region } = this.#repositories;
    const issued = tokens.find(authorization, region);
    if (issued === undefined)
      return authorization === undefined ? undefined : peers?.holderOf(authorization, region);
    const { signer } = issued;
    return async (call) => authorize?.()?.({ ...call, service: 'ecr', requestId: '', signer });
  }

  async #answer(kind: string, exchange: Exchange): Promise<void> {
    if (kind === 'manifests') await this.#manifest(exchange);
    else if (kind === 'tags') this.#tags(exchange);
    else if (exchange.rest[0] === 'uploads') await this.#upload(exchange);
    else this.#blob(exchange);
  }

  #unsupported({ request, url }: Exchange): OciError {
    return new OciError(405, 'UNSUPPORTED', `${request.method} ${url.pathname} is not supported, as in ECR`);
  }

  #tags({ response, repository, url }: Exchange): void {
    const after = url.searchParams.get('last') ?? '';
    const limit = Number(url.searchParams.get('n') ?? 1000);
    const tags = [...repository.imageTags.keys()].sort().filter((tag) => tag > after);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ name: repository.name, tags: tags.slice(0, limit) }));
  }

  async #manifest(exchange: Exchange): Promise<void> {
    const { request, response, repository, rest } = exchange;
    const reference = rest.join('/');
    const id = reference.startsWith('sha256:') ? { imageDigest: reference } : { imageTag: reference };
    if (request.method === 'PUT') {
      const manifest = await readBody(request, MANIFEST_LIMIT);
      const mediaType = request.headers['content-type'];
      const { image } = this.#repositories.put(repository, { ...id, manifest, mediaType });
      const location = `/v2/${repository.name}/manifests/${image.digest}`;
      response.writeHead(201, { location, 'docker-content-digest': image.digest }).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') throw this.#unsupported(exchange);
    const image = this.#repositories.find(repository, id);
    if (image === undefined) {
      throw new OciError(
        404,
        'MANIFEST_UNKNOWN',
        `Requested image not found: ${repository.name} ${reference}`,
      );
    }
    if (statusOf(image.storage) !== 'ACTIVE') {
      const what = `${repository.name} ${reference} is ${statusOf(image.storage)}: it has to be restored`;
      throw new OciError(403, 'DENIED', what);
    }
    if (request.method === 'GET') image.lastPulledAt = new Date();
    response.writeHead(200, {
      'content-type': image.mediaType,
      'content-length': String(image.manifest.length),
      'docker-content-digest': image.digest,
    });
    response.end(request.method === 'HEAD' ? undefined : image.manifest);
  }

  #blob(exchange: Exchange): void {
    const { request, response, repository, rest } = exchange;
    const digest = rest.join('/');
    if (request.method !== 'GET' && request.method !== 'HEAD') throw this.#unsupported(exchange);
    const size = repository.layers.has(digest) ? this.#repositories.blobs.size(digest) : undefined;
    if (size === undefined)
      throw new OciError(404, 'BLOB_UNKNOWN', `blob ${digest} is not in ${repository.name}`);
    const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest };
    response.writeHead(200, { ...headers, 'content-length': String(size) });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    this.#repositories.blobs
      .read(digest)
      ?.on('error', () => response.destroy())
      .pipe(response);
  }

  #created({ response, repository }: Exchange, digest: string): void {
    repository.layers.add(digest);
    const location = `/v2/${repository.name}/blobs/${digest}`;
    response.writeHead(201, { location, 'docker-content-digest': digest }).end();
  }

  #accepted({ response, repository }: Exchange, id: string, status = 202): void {
    const size = this.#repositories.blobs.uploaded(id) ?? 0;
    const location = `/v2/${repository.name}/blobs/uploads/${id}`;
    const range = `0-${Math.max(0, size - 1)}`;
    response.writeHead(status, { location, range, 'docker-upload-uuid': id, 'content-length': '0' }).end();
  }

  async #startUpload(exchange: Exchange): Promise<void> {
    const { request, url } = exchange;
    const { blobs } = this.#repositories;
    const mount = url.searchParams.get('mount');
    const from = url.searchParams.get('from');
    if (mount !== null && from !== null) {
      const source = this.#repositories.list().find(({ name }) => name === from);
      if (source?.layers.has(mount) === true && blobs.size(mount) !== undefined) {
        this.#created(exchange, mount);
        return;
      }
    }
    const id = blobs.startUpload();
    const digest = url.searchParams.get('digest');
    if (digest === null) {
      request.resume();
      this.#accepted(exchange, id);
      return;
    }
    await blobs.append(id, request);
    await this.#finishUpload(exchange, id, digest);
  }

  async #finishUpload(exchange: Exchange, id: string, digest: string): Promise<void> {
    if (!(await this.#repositories.blobs.finish(id, digest))) {
      throw new OciError(400, 'DIGEST_INVALID', `the upload's content does not have the digest ${digest}`);
    }
    this.#created(exchange, digest);
  }

  async #upload(exchange: Exchange): Promise<void> {
    const { request, rest, url } = exchange;
    const { blobs } = this.#repositories;
    const id = rest[1] ?? '';
    if (request.method === 'POST' && id === '') {
      await this.#startUpload(exchange);
      return;
    }
    const size = blobs.uploaded(id);
    if (size === undefined) throw new OciError(404, 'BLOB_UPLOAD_UNKNOWN', `there is no upload ${id}`);
    switch (request.method ?? '') {
      case 'GET':
        this.#accepted(exchange, id, 204);
        return;
      case 'PATCH': {
        const start = /^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1];
        if (start !== undefined && Number(start) !== size) {
          throw new OciError(
            416,
            'BLOB_UPLOAD_INVALID',
            `the upload has ${size} bytes; a chunk at ${start} does not follow`,
          );
        }
        await blobs.append(id, request);
        this.#accepted(exchange, id);
        return;
      }
      case 'PUT':
        await blobs.append(id, request);
        await this.#finishUpload(exchange, id, url.searchParams.get('digest') ?? '');
        return;
      case 'DELETE':
        await blobs.cancel(id);
        exchange.response.writeHead(204).end();
        return;
      default:
        throw this.#unsupported(exchange);
    }
  }
}

/** Serves the registry on 127.0.0.1 (0: any free port). Docker treats 127.0.0.0/8 as allowed without TLS. */
export async function startRegistry(
  port: number,
  repositories: (host: string) => Repositories,
  options: RegistryOptions,
): Promise<RegistryServer & { repositories: Repositories }> {
  const server = createServer();
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const made = repositories(`127.0.0.1:${bound}`);
  const api = new OciApi(made, options);
  server.on('request', (request, response) => {
    api.handle(request, response).catch(() => response.destroy());
  });
  return {
    port: bound,
    repositories: made,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
