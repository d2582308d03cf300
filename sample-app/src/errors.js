/** An answer with a 4xx or 5xx status: `code` is for programs, `message` for people. */
export class HttpError extends Error {
  constructor(status, code, message, { field, headers } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
    this.headers = headers;
  }
}

/** What express.json() and the router refuse, in our words. */
const refused = new Map([
  ['entity.parse.failed', new HttpError(400, 'invalid-json', 'the body is not valid JSON')],
  ['entity.too.large', new HttpError(413, 'too-large', 'the body is larger than 10 KiB')],
  [
    'encoding.unsupported',
    new HttpError(415, 'unsupported-encoding', 'send the body without that Content-Encoding'),
  ],
  ['charset.unsupported', new HttpError(415, 'unsupported-charset', 'send the body as UTF-8')],
]);

function toHttpError(error) {
  if (error instanceof HttpError) return error;
  const known = refused.get(error.type);
  if (known) return known;
  if (error.status >= 400 && error.status < 500)
    return new HttpError(error.status, 'bad-request', 'the request can not be read');
  return undefined;
}

export function notFound(request) {
  throw new HttpError(404, 'not-found', `there is nothing at ${request.path}`);
}

/** Last in the chain: every error becomes JSON; what we did not foresee is logged whole and shown as 500 with its id. */
export function errorHandler(error, request, response, next) {
  if (response.headersSent) return next(error);
  const known = toHttpError(error);
  if (!known) request.log.error({ err: error }, 'the request failed');
  const { status, code, message, field, headers } =
    known ??
    new HttpError(500, 'internal', `something went wrong here; request ${response.get('X-Request-Id')}`);
  response
    .status(status)
    .set(headers ?? {})
    .json({ error: { code, message, field } });
}
