/** What made-up traffic is like, as a test asks for it. */
import type { Latency } from './latency.ts';

/** How instances of a launch template version answer. */
export interface VersionBehaviour {
  /** The share of requests that get a 500, from 0 to 1. */
  errorRate: number;
  latency: Latency;
}

export interface TrafficSettings {
  requestsPerSecond: number;
  /** The name of the load balancer that is asked; every one where none is named. */
  loadBalancer?: string;
  /** By launch template version; `*` is every other one. */
  versions: Record<string, VersionBehaviour>;
  /** The same seed gives the same traffic. */
  seed: number;
}

const usual: VersionBehaviour = { errorRate: 0, latency: { median: 0.02, p95: 0.05 } };

type Structure = Record<string, unknown>;

function structure(value: unknown, what: string, names: readonly string[]): Structure {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${what} is an object with ${names.join(', ')}`);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`${what} has no "${unknown}"; it can have ${names.join(', ')}`);
  return value as Structure;
}

function number(of: Structure, name: string, [least, most, usually]: [number, number, number]): number {
  const value = of[name] ?? usually;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new Error(`"${name}" is ${JSON.stringify(value)}; give a number from ${least} to ${most}`);
}

function behaviour(value: unknown, version: string): VersionBehaviour {
  const given = structure(value, `version ${version}`, ['errorRate', 'latency']);
  const errorRate = number(given, 'errorRate', [0, 1, 0]);
  if (given.latency === undefined) return { ...usual, errorRate };
  const latency = structure(given.latency, `the latency of version ${version}`, ['median', 'p95']);
  const median = number(latency, 'median', [0.001, 60, usual.latency.median]);
  return { errorRate, latency: { median, p95: number(latency, 'p95', [median, 120, median * 2.5]) } };
}

/**
 * Reads `{"requestsPerSecond": 400, "versions": {"2": {"errorRate": 0.03, "latency": {"median": 0.05, "p95": 0.2}}}}`.
 * @throws Error that names what is wrong and what would be right
 */
export function parseTraffic(value: unknown): TrafficSettings {
  const names = ['requestsPerSecond', 'loadBalancer', 'versions', 'seed'];
  const given = structure(value, 'traffic', names);
  if (given.requestsPerSecond === undefined) throw new Error('traffic needs "requestsPerSecond"');
  const requestsPerSecond = number(given, 'requestsPerSecond', [0, 1_000_000, 0]);
  const seed = number(given, 'seed', [0, Number.MAX_SAFE_INTEGER, 1]);
  const { loadBalancer } = given;
  if (loadBalancer !== undefined && typeof loadBalancer !== 'string')
    throw new Error('"loadBalancer" is the name of one');
  const versions = Object.entries((given.versions ?? {}) as Structure).map(
    ([version, how]): [string, VersionBehaviour] => {
      if (!/^(\*|[1-9]\d*)$/.test(version))
        throw new Error(`"${version}" is no launch template version; give a number, or * for all others`);
      return [version, behaviour(how, version)];
    },
  );
  return {
    ...{ requestsPerSecond, seed, versions: Object.fromEntries(versions) },
    ...(loadBalancer !== undefined && { loadBalancer }),
  };
}

/** How a version answers: as was asked for it, or for all others, or as a healthy service does. */
export const behaviourOf = ({ versions }: TrafficSettings, templateVersion: number): VersionBehaviour =>
  versions[templateVersion] ?? versions['*'] ?? usual;
