/** Tokens of OpenID Connect providers: who signed them, for whom, and until when. */
import {
  type GetOpenIDConnectProviderCommandOutput,
  GetOpenIDConnectProviderCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { ApiError } from '../gateway/index.ts';

/** Where an issuer's keys are: this machine reaches none of the real ones, so a stand-in answers for them. */
export class Issuers {
  readonly #addresses = new Map<string, string>();

  /** @param address where `/.well-known/openid-configuration` of the issuer is served */
  set(issuer: string, address: string): void {
    this.#addresses.set(issuer, address);
  }

  clear(): void {
    this.#addresses.clear();
  }

  addressOf(issuer: string): string {
    return this.#addresses.get(issuer) ?? issuer;
  }
}

/** A token that was found to be good. */
export interface Verified {
  claims: JWTPayload;
  providerArn: string;
  /** The issuer without its scheme: what the condition keys begin with. */
  prefix: string;
}

const invalid = (message: string): ApiError => new ApiError('InvalidIdentityToken', message, 400);

async function keysOf(issuer: string, issuers: Issuers): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const address = issuers.addressOf(issuer).replace(/\/$/, '');
  try {
    const response = await fetch(`${address}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(5000),
    });
    const { jwks_uri: keys } = (await response.json()) as { jwks_uri: string };
    return createRemoteJWKSet(new URL(keys));
  } catch {
    throw invalid(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
}

/**
 * Checks a token as STS does: its provider is known in the account, the audience is one of the provider's client ids, the
 * signature is its issuer's, it is not expired.
 * API reference of STS, AssumeRoleWithWebIdentity, "Errors"; IAM user guide, "Create an OpenID Connect identity provider".
 * @throws ApiError InvalidIdentityToken, ExpiredTokenException
 */
export async function verifyToken(
  token: string,
  { iam, issuers, accountId }: { iam: IAMClient; issuers: Issuers; accountId: string },
): Promise<Verified> {
  const claims = decoded(token);
  const issuer = claims.iss ?? '';
  const prefix = issuer.replace(/^https:\/\//, '');
  const providerArn = `arn:aws:iam::${accountId}:oidc-provider/${prefix}`;
  const provider = await providerOf(iam, providerArn);
  if (provider === undefined) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  const audiences = [claims.aud ?? []].flat();
  if (!audiences.some((one) => provider.ClientIDList?.includes(one) === true))
    throw invalid('Incorrect token audience');
  try {
    await jwtVerify(token, await keysOf(issuer, issuers), { issuer });
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (error instanceof errors.JWTExpired) {
      const now = Math.floor(Date.now() / 1000);
      const message = `Token expired: current date/time ${now} must be before the expiration date/time${claims.exp}`;
      throw new ApiError('ExpiredTokenException', message, 400);
    }
    throw invalid('Provided Token is not a valid signature');
  }
  return { claims, providerArn, prefix };
}

function decoded(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw invalid(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
}

async function providerOf(
  iam: IAMClient,
  arn: string,
): Promise<GetOpenIDConnectProviderCommandOutput | undefined> {
  const command = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
  return iam.send(command).catch(() => undefined);
}
