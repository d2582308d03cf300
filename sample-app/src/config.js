import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A setting that can't be used; the message names the variable and what it takes. */
export class ConfigError extends Error {}

const packageVersion = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

/**
 * Reads and checks every setting once.
 *
 * Health checks and load balancers reuse connections, so `keepAliveMilliseconds` stays above the balancer's
 * idle timeout (60 s on an Application Load Balancer): otherwise the balancer may send a request down a
 * connection that we are just closing, and the user sees a 502.
 *
 * @param {Record<string, string | undefined>} environment usually process.env; an empty value counts as not given
 * @throws {ConfigError} naming the variable, never showing a secret
 */
export function readConfig(environment) {
  return {
    port: wholeNumber(environment, 'PORT', 3000, { minimum: 0, maximum: 65_535 }),
    databaseUrl: databaseUrl(environment),
    poolSize: wholeNumber(environment, 'DATABASE_POOL_SIZE', 10, { minimum: 1, maximum: 1000 }),
    version: environment.APP_VERSION || packageVersion,
    image: environment.IMAGE || undefined,
    instance: environment.INSTANCE_ID || hostname(),
    logLevel: oneOf(environment, 'LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error', 'silent']),
    lameDuckMilliseconds:
      1000 * wholeNumber(environment, 'LAME_DUCK_SECONDS', 3, { minimum: 0, maximum: 600 }),
    drainMilliseconds: 1000 * wholeNumber(environment, 'DRAIN_SECONDS', 20, { minimum: 0, maximum: 600 }),
    keepAliveMilliseconds:
      1000 * wholeNumber(environment, 'KEEP_ALIVE_SECONDS', 75, { minimum: 1, maximum: 4000 }),
  };
}

function wholeNumber(environment, name, fallback, { minimum, maximum }) {
  const text = environment[name];
  if (!text) return fallback;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= minimum && number <= maximum) return number;
  throw new ConfigError(`${name} is "${text}"; give a whole number from ${minimum} to ${maximum}`);
}

function oneOf(environment, name, fallback, values) {
  const text = environment[name];
  if (!text) return fallback;
  if (values.includes(text)) return text;
  throw new ConfigError(`${name} is "${text}"; give one of ${values.join(', ')}`);
}

function databaseUrl(environment) {
  const text = environment.DATABASE_URL;
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return asLibpq(url, text);
  throw new ConfigError('DATABASE_URL is not of the form postgresql://user:password@host:5432/database');
}

/**
 * `sslmode` means to us what it means to every other PostgreSQL client (libpq): `require` encrypts without asking who
 * signed, `verify-full` asks. pg alone would verify for both, and RDS's certificates are signed by Amazon's own
 * authority, which Node does not know.
 */
function asLibpq(url, text) {
  if (!url.searchParams.has('sslmode') || url.searchParams.has('uselibpqcompat')) return text;
  return `${text}&uselibpqcompat=true`;
}
