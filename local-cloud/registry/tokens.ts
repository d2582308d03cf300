/** What GetAuthorizationToken hands out and `docker login` presents. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Signer } from '../gateway/index.ts';

/** ECR's tokens are valid for 12 hours (ECR API reference, GetAuthorizationToken). */
const LIFETIME_MILLISECONDS = 12 * 60 * 60 * 1000;

/** A password that was given out, and to whom: its holder may do what that caller may. */
export interface Token {
  password: Buffer;
  /** Where it was asked for, and the only region whose registries take it. */
  region: string;
  expiresAt: number;
  signer?: Signer;
}

/** Passwords that GetAuthorizationToken gave out, each good for twelve hours. */
export class Tokens {
  #tokens: Token[] = [];
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A token in ECR's form: base64 of `AWS:<password>`. */
  issue(region: string, signer?: Signer): { authorizationToken: string; expiresAt: Date } {
    const password = randomBytes(48).toString('base64url');
    const expiresAt = this.#now() + LIFETIME_MILLISECONDS;
    this.#tokens = this.#tokens.filter((token) => token.expiresAt > this.#now());
    const holder = signer && { ...signer, at: this.#now() };
    this.#tokens.push({ password: Buffer.from(password), region, expiresAt, signer: holder });
    const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64');
    return { authorizationToken, expiresAt: new Date(expiresAt) };
  }

  /** The token of ours that an Authorization header carries, while it is valid, for the registries of a region. */
  find(authorization: string | undefined, region: string): Token | undefined {
    const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
    if (encoded === undefined) return undefined;
    const [user, ...rest] = Buffer.from(encoded, 'base64').toString().split(':');
    const given = Buffer.from(rest.join(':'));
    if (user !== 'AWS') return undefined;
    return this.#tokens.find(
      ({ password, expiresAt, region: of }) =>
        of === region &&
        expiresAt > this.#now() &&
        password.length === given.length &&
        timingSafeEqual(password, given),
    );
  }

  clear(): void {
    this.#tokens = [];
  }
}
