import { BlockList, isIP } from 'node:net';
import { DeployError } from '../core/index.ts';

/** A proxy, and the variable that names it. */
export interface Proxy {
  url: URL;
  variable: string;
}

/** The ways out that the job's environment names. */
export interface Proxies {
  http: Proxy | undefined;
  https: Proxy | undefined;
  /** Entries of NO_PROXY, lower case. */
  exceptions: string[];
}

/** Where a request goes. */
export interface Target {
  secure: boolean;
  /** A name or an address, IPv6 with or without its brackets. */
  host: string;
  port: number;
}

/** Instance metadata and container credentials lie on the machine's own link: no proxy could reach them. */
const ownLink = new BlockList();
ownLink.addSubnet('169.254.0.0', 16, 'ipv4');
ownLink.addSubnet('fe80::', 10, 'ipv6');
ownLink.addSubnet('fd00:ec2::', 32, 'ipv6');

/**
 * Reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in capitals or not; the small ones win, as with curl, and empty
 * is not set. ALL_PROXY is for what has no variable of its own.
 *
 * @throws DeployError `input-invalid` that names the variable; a value with a password in it is not shown
 */
export function readProxies(environment: NodeJS.ProcessEnv): Proxies {
  const exceptions = (named(environment, 'NO_PROXY')?.value ?? '').toLowerCase().split(/[\s,]+/);
  const proxy = (name: string): Proxy | undefined => {
    const given = named(environment, name) ?? named(environment, 'ALL_PROXY');
    return given && { url: parseProxy(given), variable: given.variable };
  };
  return {
    http: proxy('HTTP_PROXY'),
    https: proxy('HTTPS_PROXY'),
    exceptions: exceptions.filter((entry) => entry !== ''),
  };
}

/** The proxy for a request; undefined when it goes straight there. Pure. */
export function proxyFor(target: Target, { http, https, exceptions }: Proxies): Proxy | undefined {
  const proxy = target.secure ? https : http;
  if (proxy === undefined) return undefined;
  const host = withoutBrackets(target.host.toLowerCase()).replace(/\.$/, '');
  if (isAmong(host, ownLink)) return undefined;
  return exceptions.some((entry) => isException(entry, host, target.port)) ? undefined : proxy;
}

/**
 * The same in both spellings, and without ALL_PROXY, which neither Terraform nor GitHub's toolkit knows: so that all of a
 * run takes one way out.
 */
export function proxyVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  const all = named(environment, 'ALL_PROXY');
  const values = {
    HTTP_PROXY: named(environment, 'HTTP_PROXY') ?? all,
    HTTPS_PROXY: named(environment, 'HTTPS_PROXY') ?? all,
    NO_PROXY: named(environment, 'NO_PROXY'),
  };
  const both = Object.entries(values).flatMap(([name, given]) =>
    given === undefined ? [] : [name, name.toLowerCase()].map((spelling) => [spelling, given.value]),
  );
  return Object.fromEntries(both) as Record<string, string>;
}

/** What must not be seen of a proxy's address: its password as it is written, as it is meant, and as it is sent. */
export function secretsOf({ url: { username, password } }: Proxy): string[] {
  if (!password) return [];
  const plain = decodeURIComponent(password);
  const sent = Buffer.from(`${decodeURIComponent(username)}:${plain}`).toString('base64');
  return [password, plain, sent];
}

/** A proxy as it may be shown: "http://proxy.example.com:3128 (HTTPS_PROXY)". */
export function nameOf({ url, variable }: Proxy): string {
  return `${url.protocol}//${url.host} (${variable})`;
}

function named(
  environment: NodeJS.ProcessEnv,
  name: string,
): { variable: string; value: string } | undefined {
  for (const variable of [name.toLowerCase(), name]) {
    const value = environment[variable]?.trim() ?? '';
    if (value !== '') return { variable, value };
  }
  return undefined;
}

function parseProxy({ variable, value }: { variable: string; value: string }): URL {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || !canDecode(url)) {
    const shown = value.includes('@') ? 'not usable' : JSON.stringify(value);
    throw new DeployError({
      reason: 'input-invalid',
      message: `${variable} in the job's environment is ${shown}; give the address of an HTTP proxy: http://host:port or https://host:port, with user:password@ before the host where it wants them`,
      left: 'Nothing was touched.',
    });
  }
  return url;
}

function canDecode({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether an entry of NO_PROXY means a host: `*`, a name (with or without a dot before it, and all below it), an address
 * or a block of addresses (10.0.0.0/8), each but the last with `:port` where it is about one port only.
 */
function isException(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const [, withPort, ofPort] = /^(.*):(\d+)$/.exec(entry) ?? [];
  const hasPort = withPort !== undefined && (!withPort.includes(':') || withPort.endsWith(']'));
  if (hasPort && Number(ofPort) !== port) return false;
  const name = withoutBrackets(hasPort ? withPort : entry);
  if (isIP(host) !== 0) return isAmong(host, blockOf(name));
  const suffix = name.replace(/^\*?\./, '');
  return host === suffix || host.endsWith(`.${suffix}`);
}

/** The addresses of `10.0.0.0/8` or of `10.1.2.3`; none where the text is neither. */
function blockOf(text: string): BlockList {
  const block = new BlockList();
  const [address = '', length] = text.split('/');
  const family = isIP(address);
  if (family === 0) return block;
  const bits = family === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (Number.isInteger(prefix) && prefix >= 0 && prefix <= bits)
    block.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return block;
}

function isAmong(host: string, block: BlockList): boolean {
  const family = isIP(host);
  return family !== 0 && block.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
