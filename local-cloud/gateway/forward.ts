/** Hands a request to moto, body and answer streamed unless someone needs to see the answer whole. */
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

/** Where moto listens. */
export interface Upstream {
  host: string;
  port: number;
  agent: Agent;
}

/** A request as it came in. `body` is the request itself where it was not read. */
export interface Forwarded {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: IncomingMessage | Buffer;
}

/** moto's side of the gateway. @param port on 127.0.0.1 */
export function createUpstream(port: number): Upstream {
  // A connection per request: one that moto is about to close would lose a call that the caller can't repeat.
  return { host: '127.0.0.1', port, agent: new Agent({ keepAlive: false, maxSockets: 64 }) };
}

/** Sends the request on and resolves with the answer's head; its body is still to be read. */
export function forward(upstream: Upstream, incoming: Forwarded): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body } = incoming;
    const { host, port, agent } = upstream;
    const outgoing = request({ host, port, agent, method, path, headers: { ...headers } }, resolve);
    outgoing.on('error', reject);
    if (Buffer.isBuffer(body)) {
      outgoing.end(body);
      return;
    }
    // A caller that goes away mid-body must not leave half an object behind as if it were whole.
    body.on('aborted', () => outgoing.destroy(new Error('the caller went away')));
    body.pipe(outgoing);
  });
}

/** Reads a message to its end. Throws when it is longer than `limit` bytes. */
export async function readBody(message: IncomingMessage, limit = 32 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw new RangeError(`the body is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
