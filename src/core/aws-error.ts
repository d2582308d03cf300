/** What a failed call means for what the rollout does next. */
export type CallFailure =
  /** AWS wants fewer calls, or somebody else writes at this moment. */
  | 'throttled'
  /** No answer, or a broken one: whether the call took effect is not known. */
  | 'lost'
  /** Credentials that ran out or that AWS no longer accepts. */
  | 'expired'
  | 'denied'
  /** AWS answered, and the answer is no. */
  | 'refused';

const throttling =
  /throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|ResourceContention/i;
const expiry =
  /ExpiredToken|RequestExpired|InvalidClientTokenId|UnrecognizedClient|CredentialsProviderError|TokenRefreshRequired|InvalidIdentityToken/i;
const denial = /AccessDenied|UnauthorizedOperation|AuthFailure|NotAuthorized|OptInRequired/i;
const network =
  /ECONNRESET|ECONNREFUSED|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|TimeoutError|NetworkingError|RequestTimeout|socket hang up/i;

interface SdkError {
  name?: unknown;
  Code?: unknown;
  code?: unknown;
  message?: unknown;
  $metadata?: { httpStatusCode?: number };
}

/** Class of a failed SDK call, by its code, never by the text that AWS may reword. */
export function callFailure(error: unknown): CallFailure {
  const { code, name, status } = read(error);
  const said = `${name} ${code}`;
  if (throttling.test(said) || status === 429) return 'throttled';
  if (expiry.test(said)) return 'expired';
  if (denial.test(said) || status === 403) return 'denied';
  if (network.test(said) || status === undefined || status >= 500) return 'lost';
  return 'refused';
}

/** "Throttling: Rate exceeded" */
export function errorText(error: unknown): string {
  const { name, message } = read(error);
  return [name, message].filter((part) => part !== '').join(': ');
}

/** True when AWS answered with this error; the SDK's class names end in Fault where the wire's codes do not. */
export function isFault(error: unknown, code: string): boolean {
  const { name } = read(error);
  return name === code || name === `${code}Fault`;
}

function read(error: unknown): { name: string; code: string; message: string; status: number | undefined } {
  const { name, Code, code, message, $metadata } = (error ?? {}) as SdkError;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    name: text(name),
    code: text(Code) || text(code),
    message: text(message),
    status: $metadata?.httpStatusCode,
  };
}
