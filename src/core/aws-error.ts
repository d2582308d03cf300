/** What an error of the AWS SDK is about, whichever service it came from. */
export type AwsErrorKind =
  /** AWS wants fewer calls, or somebody else writes at this moment. */
  | 'throttled'
  /** The job has no credentials at all. */
  | 'no-credentials'
  /** The credentials have ended. */
  | 'expired'
  /** This machine's clock is off: AWS takes its requests for too old or too new. */
  | 'skewed'
  /** AWS does not know the credentials. */
  | 'unknown-credentials'
  /** The credentials are good, and the call is not allowed. */
  | 'denied'
  /** A proxy on the way stands in it. */
  | 'proxy'
  /** The address of the service was not found or did not answer. */
  | 'unreachable'
  /** No answer, or a broken one: nobody knows whether the call took effect. */
  | 'lost'
  /** AWS answered, and the answer is no. */
  | 'refused';

/** Codes by kind, as they stand in `name`, `Code` or `code` of an error; the first kind that fits counts. */
const codes: [AwsErrorKind, RegExp][] = [
  ['proxy', /ProxyError/],
  [
    'throttled',
    /throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|ResourceContention/i,
  ],
  ['no-credentials', /CredentialsProviderError/i],
  ['expired', /ExpiredToken|RequestExpired|TokenRefreshRequired/i],
  [
    'unknown-credentials',
    /InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|MissingAuthenticationToken|InvalidIdentityToken/i,
  ],
  ['denied', /AccessDenied|Forbidden|UnauthorizedOperation|AuthFailure|NotAuthorized|OptInRequired/i],
  ['unreachable', /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH/i],
  ['lost', /ECONNRESET|EPIPE|TimeoutError|NetworkingError|RequestTimeout|socket hang up/i],
];

/** The kind of an error that an SDK call threw, by its codes and HTTP status; by text only where AWS has no code. */
export function awsErrorKind(error: unknown): AwsErrorKind {
  const { name, code, status } = read(error);
  const said = `${name} ${code}`;
  if (isClockSkew(error)) return 'skewed';
  const known = codes.find(([, pattern]) => pattern.test(said))?.[0];
  if (known !== undefined) return known;
  if (status === 429) return 'throttled';
  if (status === 407) return 'proxy';
  if (status === 403) return 'denied';
  return status === undefined || status >= 500 ? 'lost' : 'refused';
}

/**
 * Some services have a code for it; in others only the sentence differs from that of a wrong secret key (IAM user guide,
 * "Troubleshoot Signature Version 4").
 */
function isClockSkew(error: unknown): boolean {
  return (
    isAwsError(error, 'RequestTimeTooSkewed', 'RequestInTheFuture') ||
    (isAwsError(error, 'SignatureDoesNotMatch', 'InvalidSignature') &&
      /Signature (expired|not yet current)/i.test(read(error).message))
  );
}

/**
 * What a failed call means for the one who made it: `expired` asks for new credentials, `lost` for a second look. After
 * `skewed` the SDK signs by AWS's clock, which came with the answer.
 */
export type CallFailure = 'throttled' | 'lost' | 'expired' | 'skewed' | 'denied' | 'refused';

/** The kind of a failed call, as far as it changes what a rollout does next. */
export function callFailure(error: unknown): CallFailure {
  const kind = awsErrorKind(error);
  if (kind === 'no-credentials' || kind === 'unknown-credentials') return 'expired';
  return kind === 'unreachable' || kind === 'proxy' ? 'lost' : kind;
}

/**
 * True when AWS answered with one of these errors.
 *
 * @param names codes as the API reference has them; "Exception" and "Fault" at the end, which the SDK's classes have
 *   and the wire has not, may be there or not
 */
export function isAwsError(error: unknown, ...names: string[]): boolean {
  const bare = (name: string) => name.replace(/(Exception|Fault)$/, '');
  return names.some((name) => bare(name) === bare(errorName(error)));
}

/** The name of an error, which is AWS's code for it; '' for what has none. */
export function errorName(error: unknown): string {
  return read(error).name;
}

/** The HTTP status that AWS answered with; undefined when there was no answer. */
export function httpStatus(error: unknown): number | undefined {
  return read(error).status;
}

/** Name and message, "Throttling: Rate exceeded"; whatever else was thrown as text. */
export function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { name, message } = read(error);
  return [name, message].filter((part) => part !== '').join(': ');
}

interface SdkError {
  name?: unknown;
  Code?: unknown;
  code?: unknown;
  message?: unknown;
  $metadata?: { httpStatusCode?: number };
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
