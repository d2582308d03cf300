/** Unix sockets that an instance reaches the local cloud by; nothing listens off loopback. */
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer as createNetServer, type Server, type Socket } from 'node:net';
import type { MetadataService } from './metadata.ts';

/** Ends a listener and its connections. */
export type Close = () => Promise<void>;

function listen(server: Server, path: string): Promise<Close> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      resolve(
        () =>
          new Promise((closed) => {
            server.close(() => {
              closed();
            });
            for (const socket of sockets) socket.destroy();
          }),
      );
    });
  });
}

/** Serves the metadata of one instance. Rejects with the system's error when the path can't be listened on. */
export function listenMetadata(path: string, service: MetadataService): Promise<Close> {
  const server = createHttpServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    request.resume();
    const answer = service.answer({ method, path: url, headers }, Date.now());
    response.writeHead(answer.status, { server: 'EC2ws', ...answer.headers });
    response.end(answer.body);
  });
  return listen(server, path);
}

/** Passes connections on to a port of this machine: how the AWS endpoint gets into an instance. */
export function listenForward(path: string, port: number): Promise<Close> {
  const server = createNetServer((socket) => {
    const target = connect(port, '127.0.0.1');
    target.on('error', () => socket.destroy());
    target.once('close', () => socket.destroy());
    socket.once('close', () => target.destroy());
    socket.pipe(target).pipe(socket);
  });
  return listen(server, path);
}
