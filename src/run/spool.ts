import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks at what was written. */
const pause = 40;
const piece = 1 << 16;

/**
 * A file that a child writes to and we read, in place of a pipe: a child whose pipe nobody reads any more is ended by its
 * next word, in the middle of its work. The file has no name, so that nothing is left of it whoever is killed.
 */
export class Spool {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'asg-deploy-'));
    try {
      return new Spool(await open(join(folder, 'output'), 'wx+', 0o600));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** What the child gets. */
  get fd(): number {
    return this.#file.fd;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** All that is written until the child is over; then the file is closed. */
  follow(over: Promise<unknown>): Readable {
    return Readable.from(this.#pieces(over), { objectMode: false });
  }

  async *#pieces(over: Promise<unknown>): AsyncGenerator<Buffer> {
    let isOver = false;
    const end = over.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    try {
      for (let position = 0; ;) {
        const isLast = isOver;
        // At a position: the child goes on writing where it was.
        const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(piece), 0, piece, position);
        position += bytesRead;
        if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
        else if (isLast) return;
        else await Promise.race([end, sleep(pause)]);
      }
    } finally {
      await this.close();
    }
  }
}
