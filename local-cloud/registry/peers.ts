/**
 * Registries of other accounts and regions: those of other local clouds on this machine, which were named to this one.
 * A cloud asks its peer as that one's administrator, having held the call against its caller's policies and the
 * repository's; and tells a peer's registry what the holder of one of its passwords may do.
 */
import { type ApiCall, ApiError, type Authorize, type Decision } from '../gateway/index.ts';
import type { Tokens } from './tokens.ts';

/** Another local cloud, as it describes itself. */
export interface Peer {
  endpoint: string;
  accountId: string;
  region: string;
  /** Host and port. */
  registry: string;
  /** What AWS would call that registry. */
  registryName: string;
}

/** A call of ECR as a registry sees it: the action of a request of docker's. */
export type RegistryCall = Pick<ApiCall, 'operation' | 'parameters' | 'region' | 'accountId'>;

/** What a registry asks its peers about a password that it did not give out; without a call, whether it is good. */
export interface PeerQuestion {
  /** The Authorization header that docker sent. */
  authorization: string;
  region: string;
  call?: RegistryCall;
}

/** Whether the password was given out here, and what its holder may do. */
export interface PeerAnswer {
  known: boolean;
  refusal?: { code: string; message: string; status?: number };
}

const NAMESPACE = 'AmazonEC2ContainerRegistry_V20150921';

/** What AWS calls a registry. */
export const registryName = (accountId: string, region: string): string =>
  `${accountId}.dkr.ecr.${region}.amazonaws.com`;

const ask = (url: string, body?: unknown): Promise<Response> =>
  fetch(url, {
    signal: AbortSignal.timeout(10_000),
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });

async function describe(endpoint: string): Promise<Peer | undefined> {
  const answer = await ask(`${endpoint}/_local/status`).catch(() => undefined);
  if (answer?.ok !== true) return undefined;
  const { accountId, region, addresses } = (await answer.json()) as {
    accountId: string;
    region: string;
    addresses: { registry: string };
  };
  const registry = new URL(addresses.registry).host;
  return { endpoint, accountId, region, registry, registryName: registryName(accountId, region) };
}

/** The other local clouds that this one knows. */
export class Peers {
  readonly #own: { accountId: string; region: string; endpoint: () => string };
  readonly #endpoints = new Set<string>();

  constructor(own: { accountId: string; region: string; endpoint: () => string }) {
    this.#own = own;
  }

  /**
   * Makes this cloud and another one known to each other.
   * @throws Error when no local cloud answers there, or it is of the same account and region
   */
  async add(address: string): Promise<void> {
    const endpoint = new URL(address).origin;
    const peer = await describe(endpoint);
    if (peer === undefined) throw new Error(`no local cloud answers at ${endpoint}`);
    const { accountId, region } = this.#own;
    if (peer.accountId === accountId && peer.region === region)
      throw new Error(`${endpoint} is account ${accountId} in ${region}, as this cloud is`);
    this.#endpoints.add(endpoint);
    // It knows this one already when it was told so, unless it was started anew since then.
    const own = this.#own.endpoint();
    const theirs = (await (await ask(`${endpoint}/_local/peers`)).json()) as Peer[];
    if (!theirs.some((one) => one.endpoint === own)) await ask(`${endpoint}/_local/peers`, { address: own });
  }

  /** Those that answer. */
  async list(): Promise<Peer[]> {
    const found = await Promise.all([...this.#endpoints].map(describe));
    return found.filter((peer) => peer !== undefined);
  }

  async find(accountId: string, region: string): Promise<Peer | undefined> {
    return (await this.list()).find((peer) => peer.accountId === accountId && peer.region === region);
  }

  /**
   * Has a peer answer a call that is about its registry. Its repositories have AWS's names in the answer.
   * @throws ApiError as the peer does
   */
  async send(peer: Peer, { operation, parameters }: ApiCall): Promise<unknown> {
    const scope = `account-${this.#own.accountId}/20260101/${peer.region}/ecr/aws4_request`;
    const response = await fetch(peer.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${NAMESPACE}.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(parameters),
    });
    const text = (await response.text()).replaceAll(`"${peer.registry}/`, `"${peer.registryName}/`);
    const answer = JSON.parse(text) as { __type?: string; message?: string };
    if (response.ok) return answer;
    const code = answer.__type?.split('#').at(-1) ?? 'ServerException';
    throw new ApiError(code, answer.message ?? '', response.status);
  }

  /** Who gave out the password of a login, and says what its holder may do; undefined when none of them did. */
  async holderOf(
    authorization: string,
    region: string,
  ): Promise<((call: RegistryCall) => Promise<Decision>) | undefined> {
    for (const { endpoint } of await this.list()) {
      const question = async (call?: RegistryCall): Promise<PeerAnswer> => {
        const asked: PeerQuestion = { authorization, region, call };
        return (await (await ask(`${endpoint}/_local/logins`, asked)).json()) as PeerAnswer;
      };
      if (!(await question()).known) continue;
      return async (call) => {
        const { refusal } = await question(call);
        if (refusal === undefined) return {};
        return { refusal: new ApiError(refusal.code, refusal.message, refusal.status) };
      };
    }
    return undefined;
  }
}

/** Answers what a peer's registry asks about a password. */
export async function answerPeer(
  { authorization, region, call }: PeerQuestion,
  { tokens, authorize }: { tokens: Tokens; authorize?: Authorize },
): Promise<PeerAnswer> {
  const issued = tokens.find(authorization, region);
  if (issued === undefined) return { known: false };
  if (call === undefined || authorize === undefined) return { known: true };
  const parameters = { ...call.parameters, registryId: call.accountId };
  const asked = { ...call, parameters, service: 'ecr', requestId: '', signer: issued.signer };
  const { refusal } = await authorize(asked);
  if (refusal === undefined) return { known: true };
  const { code, message, status } = refusal;
  return { known: true, refusal: { code, message, status } };
}
