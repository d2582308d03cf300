/** Connections that stop being HTTP: WebSocket and whatever else asks for an upgrade. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { endToEnd } from './headers.ts';
import { requestTo, type Lease } from './target-group.ts';

/** What a server's `upgrade` event gives. */
export interface Upgrade {
  request: IncomingMessage;
  socket: Socket;
  head: Buffer;
}

const refusal = (status: number, phrase: string): string =>
  `HTTP/1.1 ${status} ${phrase}\r\nServer: awselb/2.0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

/** Raw headers as lines, without one of them. */
function joined(rawHeaders: readonly string[], without?: string): string {
  let lines = '';
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.toLowerCase() !== without) lines += `${name}: ${rawHeaders[at + 1] ?? ''}\r\n`;
  }
  return lines;
}

/**
 * Passes an upgrade on to a target, and from then on bytes both ways, until either side closes or the target's
 * deregistration delay is over.
 * @param headers what the target gets
 * @param lease   undefined: there is no target, and the client gets a 503
 */
export function tunnel(
  { request, socket, head }: Upgrade,
  forwarded: Record<string, string | string[]>,
  lease: Lease | undefined,
): void {
  socket.on('error', () => socket.destroy());
  if (lease === undefined) {
    socket.end(refusal(503, 'Service Temporarily Unavailable'));
    return;
  }
  const headers = {
    ...forwarded,
    connection: 'Upgrade',
    upgrade: request.headers.upgrade,
  };
  const upstream = requestTo(lease)({
    ...lease.address,
    method: 'GET',
    path: request.url,
    headers,
    agent: false,
  });
  const cut = (): void => {
    upstream.destroy();
    socket.destroy();
  };
  lease.signal.addEventListener('abort', cut, { once: true });
  socket.once('close', () => {
    upstream.destroy();
    lease.signal.removeEventListener('abort', cut);
    lease.release();
  });
  upstream.once('error', () => {
    socket.end(refusal(502, 'Bad Gateway'));
  });
  upstream.once('response', (answer) => {
    // The target declined: its answer goes back, and the connection ends.
    const lines = joined(endToEnd(answer.rawHeaders), 'transfer-encoding');
    socket.write(
      `HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}\r\n${lines}Connection: close\r\n\r\n`,
    );
    answer.pipe(socket);
  });
  upstream.once('upgrade', (answer, target: Socket, rest: Buffer) => {
    target.on('error', () => target.destroy());
    target.once('close', () => socket.end());
    socket.once('close', () => target.destroy());
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${joined(answer.rawHeaders)}\r\n`);
    if (rest.length > 0) socket.write(rest);
    if (head.length > 0) target.write(head);
    target.pipe(socket).pipe(target);
  });
  upstream.end();
}
