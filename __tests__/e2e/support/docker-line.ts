import { connect, createServer, type Server, type Socket } from 'node:net';

/** Docker's socket, through somebody who hangs up when the client says a word, and answers nobody from then on. */
export class DockerLine {
  readonly address: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #isCut = false;

  private constructor(path: string, until: RegExp) {
    this.address = `unix://${path}`;
    this.#server = createServer((client) => {
      if (this.#isCut) client.destroy();
      else this.#connect(client, until);
    });
  }

  /** @param until what the client says when the line is cut: `/POST \S+\/push/` */
  static async open(path: string, until: RegExp): Promise<DockerLine> {
    const line = new DockerLine(path, until);
    await new Promise<void>((resolve) => line.#server.listen(path, resolve));
    return line;
  }

  #connect(client: Socket, until: RegExp): void {
    const docker = connect('/var/run/docker.sock');
    for (const socket of [client, docker]) {
      this.#open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [client, docker].forEach((each) => each.destroy()));
    }
    client.on('data', (data) => {
      if (until.test(data.toString('latin1'))) this.#hangUp();
      else docker.write(data);
    });
    docker.pipe(client);
  }

  #hangUp(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    this.#hangUp();
    this.#server.close();
  }
}
