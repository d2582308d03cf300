/**
 * The instance metadata service, version 2 only, as a function from a request to an answer.
 * Rules: EC2 user guide, "Use the Instance Metadata Service to access instance metadata".
 */
import { createHash, randomBytes } from 'node:crypto';

/** What an instance can learn about itself. */
export interface InstanceFacts {
  instanceId: string;
  accountId: string;
  region: string;
  availabilityZone: string;
  imageId: string;
  instanceType: string;
  privateIpAddress: string;
  /** When the instance was launched, in milliseconds since 1970. */
  launchedAt: number;
  userData: string;
  /** The role of the instance profile; undefined without a profile. */
  role?: { name: string; profileArn: string };
  tags: Record<string, string>;
}

export interface MetadataRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
}

export interface MetadataAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const TOKEN_TTL_SECONDS = { least: 1, most: 21_600 };
const CREDENTIALS_LAST_MS = 6 * 3_600_000;
const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN_HEADER = 'x-aws-ec2-metadata-token';

const PHRASES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
};

function refusal(status: number): MetadataAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html><head><title>${status} - ${PHRASES[status] ?? ''}</title></head></html>`,
  };
}

/** An access key id of temporary credentials that is the instance's own, so that recorded calls tell who called. */
export function accessKeyIdOf(instanceId: string): string {
  const digits = createHash('sha256').update(instanceId).digest('hex').toUpperCase();
  return `ASIA${digits.slice(0, 16)}`;
}

/** The session token that goes with it. */
export const sessionTokenOf = (instanceId: string): string =>
  Buffer.from(`local-cloud session of ${instanceId}`).toString('base64');

function credentials(facts: InstanceFacts, now: number): string {
  const iso = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
  const document = {
    Code: 'Success',
    LastUpdated: iso(now),
    Type: 'AWS-HMAC',
    AccessKeyId: accessKeyIdOf(facts.instanceId),
    SecretAccessKey: 'local-cloud',
    Token: sessionTokenOf(facts.instanceId),
    Expiration: iso(now + CREDENTIALS_LAST_MS),
  };
  return JSON.stringify(document, null, 2);
}

function identityDocument(facts: InstanceFacts): string {
  const document = {
    accountId: facts.accountId,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    availabilityZone: facts.availabilityZone,
    imageId: facts.imageId,
    instanceId: facts.instanceId,
    instanceType: facts.instanceType,
    pendingTime: new Date(facts.launchedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    privateIp: facts.privateIpAddress,
    region: facts.region,
    version: '2017-09-30',
  };
  return JSON.stringify(document, null, 2);
}

/** Every document there is, by path below `/latest/`. */
function documents(facts: InstanceFacts, now: number): Map<string, string> {
  const hostname = `ip-${facts.privateIpAddress.replaceAll('.', '-')}.${facts.region}.compute.internal`;
  const found = new Map<string, string>([
    ['dynamic/instance-identity/document', identityDocument(facts)],
    ['meta-data/ami-id', facts.imageId],
    ['meta-data/hostname', hostname],
    ['meta-data/instance-id', facts.instanceId],
    ['meta-data/instance-life-cycle', 'on-demand'],
    ['meta-data/instance-type', facts.instanceType],
    ['meta-data/local-hostname', hostname],
    ['meta-data/local-ipv4', facts.privateIpAddress],
    ['meta-data/placement/availability-zone', facts.availabilityZone],
    ['meta-data/placement/region', facts.region],
    ['meta-data/services/domain', 'amazonaws.com'],
    ['meta-data/services/partition', 'aws'],
  ]);
  if (facts.role !== undefined) {
    const info = { Code: 'Success', InstanceProfileArn: facts.role.profileArn };
    found.set('meta-data/iam/info', JSON.stringify(info, null, 2));
    found.set(`meta-data/iam/security-credentials/${facts.role.name}`, credentials(facts, now));
  }
  for (const [key, value] of Object.entries(facts.tags)) found.set(`meta-data/tags/instance/${key}`, value);
  if (facts.userData !== '') found.set('user-data', facts.userData);
  return found;
}

/** The names below a folder, folders with a slash; undefined when there is no such folder. */
function listing(paths: Iterable<string>, folder: string): string | undefined {
  const prefix = folder === '' ? '' : `${folder}/`;
  const names = new Set<string>();
  for (const path of paths) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...below] = path.slice(prefix.length).split('/');
    names.add(below.length > 0 ? `${name}/` : name);
  }
  return names.size === 0 ? undefined : [...names].sort().join('\n');
}

/** One instance's metadata service; holds the tokens it gave out. */
export class MetadataService {
  readonly #facts: InstanceFacts;
  /** By token: when it ends, in milliseconds. */
  readonly #tokens = new Map<string, number>();

  constructor(facts: InstanceFacts) {
    this.#facts = facts;
  }

  /** @param now milliseconds since 1970 */
  answer(request: MetadataRequest, now: number): MetadataAnswer {
    const path = decodeURIComponent(request.path.split('?')[0] ?? '')
      .replace(/\/+/g, '/')
      .replace(/\/$/, '');
    if (path === '/latest/api/token') return this.#token(request, now);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405);
    const ends = this.#tokens.get(String(request.headers[TOKEN_HEADER] ?? ''));
    if (ends === undefined || ends <= now) return refusal(401);
    if (path === '') return text('latest');
    if (path !== '/latest' && !path.startsWith('/latest/')) return refusal(404);
    const name = path.slice('/latest/'.length);
    const all = documents(this.#facts, now);
    const found = all.get(name) ?? listing(all.keys(), name);
    return found === undefined ? refusal(404) : text(found);
  }

  #token(request: MetadataRequest, now: number): MetadataAnswer {
    if (request.method !== 'PUT') return refusal(405);
    // A request that came through a proxy gets no token.
    if (request.headers['x-forwarded-for'] !== undefined) return refusal(403);
    const seconds = Number(request.headers[TTL_HEADER] ?? Number.NaN);
    const { least, most } = TOKEN_TTL_SECONDS;
    if (!Number.isInteger(seconds) || seconds < least || seconds > most) return refusal(400);
    for (const [token, ends] of this.#tokens) if (ends <= now) this.#tokens.delete(token);
    const token = randomBytes(40).toString('base64url');
    this.#tokens.set(token, now + seconds * 1000);
    return { ...text(token), headers: { 'content-type': 'text/plain', [TTL_HEADER]: String(seconds) } };
  }
}

function text(body: string): MetadataAnswer {
  return { status: 200, headers: { 'content-type': 'text/plain' }, body };
}
