/** What GetAuthorizationToken hands out and `docker login` presents. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

/** ECR's tokens are valid for 12 hours (ECR API reference, GetAuthorizationToken). */
const LIFETIME_MILLISECONDS = 12 * 60 * 60 * 1000;

/** Passwords that GetAuthorizationToken gave out, each good for twelve hours. */
export class Tokens {
  #tokens: { password: Buffer; expiresAt: number }[] = [];
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A token in ECR's form: base64 of `AWS:<password>`. */
  issue(): { authorizationToken: string; expiresAt: Date } {
    const password = randomBytes(48).toString('base64url');
    const expiresAt = this.#now() + LIFETIME_MILLISECONDS;
    this.#tokens = this.#tokens.filter((token) => token.expiresAt > this.#now());
    this.#tokens.push({ password: Buffer.from(password), expiresAt });
    const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64');
    return { authorizationToken, expiresAt: new Date(expiresAt) };
  }

  /** Whether an Authorization header carries a token of ours that is still valid. */
  accepts(authorization: string | undefined): boolean {
    const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
    if (encoded === undefined) return false;
    const [user, ...rest] = Buffer.from(encoded, 'base64').toString().split(':');
    const given = Buffer.from(rest.join(':'));
    const valid = this.#tokens.some(
      ({ password, expiresAt }) =>
        expiresAt > this.#now() && password.length === given.length && timingSafeEqual(password, given),
    );
    return user === 'AWS' && valid;
  }

  clear(): void {
    this.#tokens = [];
  }
}
