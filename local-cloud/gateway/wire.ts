/**
 * The contract between the gateway and the services that the local cloud implements itself: a parsed request
 * goes in, a plain object or an ApiError comes out. How either looks on the wire is protocols.ts's business.
 */

/** One API request, parsed. */
export interface ApiCall {
  /** The service's signing name: `autoscaling`, `ec2`, `elasticloadbalancing`, `ecr`, `rds` … */
  service: string;
  operation: string;
  /** Query protocols: every leaf is a string, lists are arrays. JSON protocol: the body as it was sent. */
  parameters: Record<string, unknown>;
  region: string;
  accountId: string;
  requestId: string;
  /** Who signed it; undefined when nobody did. */
  signer?: Signer;
  /** What REST services (S3, Route 53) have instead of parameters. */
  rest?: RestRequest;
}

/** What a signature says about who made it. */
export interface Signer {
  accessKeyId: string;
  /** Of temporary credentials. */
  sessionToken?: string;
  /** When it was, in milliseconds since 1970, where that is not now: a registry's password outlasts its session. */
  at?: number;
}

/** A request whose meaning is in its address. */
export interface RestRequest {
  /** Decoded. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  /** Where it was read: not of S3. */
  body?: string;
}

/**
 * Answers one call with its result object, or throws an ApiError.
 * In XML, arrays become `<member>` (EC2: `<item>`) lists, a Date becomes ISO 8601 and undefined is left out; in
 * JSON a Date becomes seconds since 1970. A promise is awaited.
 */
export type Operation = (call: ApiCall) => unknown;

export type Protocol = 'query' | 'ec2' | 'json';

/** A service, or the part of it, that the local cloud answers by itself. */
export interface Service {
  protocol: Protocol;
  /** The XML namespace (query, ec2), or the prefix of X-Amz-Target before the dot (json). */
  namespace: string;
  operations: Record<string, Operation>;
  /** True: an operation that is not listed is an error. Otherwise it goes to moto. */
  ownedEntirely?: boolean;
  /** True: what is listed is answered here whatever region is asked; otherwise only in the cloud's own. */
  everyRegion?: boolean;
}

/** An error that AWS would have answered; the gateway renders it in the protocol's own format. */
export class ApiError extends Error {
  readonly code: string;
  /** Undefined: the one that AWS's model gives the code, or 400. */
  readonly status: number | undefined;

  constructor(code: string, message: string, status?: number) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

/**
 * Sees what moto answered to a call that went through to it, and may change it or act on it: the answer is sent
 * when this is done. Only successful answers come here; what it throws is what the caller gets instead.
 * @returns the body to send
 */
export interface AnswerFilter {
  service: string;
  operations: readonly string[];
  apply: (call: ApiCall, body: string) => string | Promise<string>;
}

/** Refuses calls before anybody answers them, by what there is: `check` throws the ApiError. */
export interface CallCheck {
  service: string;
  operations: readonly string[];
  check: (call: ApiCall) => void;
}

/** What is remembered of every call that reached the gateway; `GET /_local/calls` gives the list. */
export interface CallRecord {
  /** Milliseconds since 1970. */
  at: number;
  service: string;
  operation: string;
  status: number;
  errorCode?: string;
  /** The access key id that signed the call. */
  identity?: string;
  /** The ARN that it belongs to, where the call's permission was looked at. */
  principal?: string;
  /** What the call is about, where one parameter names it: `RoleName=shop-dev-instance`, `Path=/bucket/key`. */
  subject?: string;
}

/** What is sent back over HTTP. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** Whether a call may be made. */
export interface Decision {
  /** The ARN of who makes it; undefined of a call that nobody signed. */
  principal?: string;
  /** What it is answered with where it may not. */
  refusal?: ApiError;
}

/** Decides on a call. Rejects with an ApiError when its credentials are nobody's. */
export type Authorize = (call: ApiCall) => Promise<Decision>;
