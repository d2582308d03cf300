/** Layers and configurations on disk, by content; and the uploads that are on their way there. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const DIGEST = /^sha256:([0-9a-f]{64})$/;

/** Layers and manifests by digest, as files of one folder, and uploads that are under way. */
export class Blobs {
  readonly #directory: string;
  readonly #uploads = new Map<string, { path: string; size: number }>();

  /** @param directory is made when missing and emptied by `clear` */
  constructor(directory: string) {
    this.#directory = directory;
    this.#prepare();
  }

  #prepare(): void {
    mkdirSync(join(this.#directory, 'uploads'), { recursive: true });
  }

  clear(): void {
    this.#uploads.clear();
    rmSync(this.#directory, { recursive: true, force: true });
    this.#prepare();
  }

  #path(digest: string): string | undefined {
    const hash = DIGEST.exec(digest)?.[1];
    return hash === undefined ? undefined : join(this.#directory, hash);
  }

  /** Bytes, or undefined when there is no such blob. */
  size(digest: string): number | undefined {
    const path = this.#path(digest);
    return path === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
  }

  read(digest: string): Readable | undefined {
    const path = this.#path(digest);
    return path === undefined || this.size(digest) === undefined ? undefined : createReadStream(path);
  }

  startUpload(): string {
    const id = randomUUID();
    this.#uploads.set(id, { path: join(this.#directory, 'uploads', id), size: 0 });
    return id;
  }

  /** How many bytes an upload has so far; undefined when it is unknown. */
  uploaded(id: string): number | undefined {
    return this.#uploads.get(id)?.size;
  }

  /** Appends to an upload, and gives its size. A broken-off chunk leaves what had arrived. */
  async append(id: string, chunk: Readable): Promise<number> {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw new Error(`there is no upload ${id}`);
    try {
      await pipeline(chunk, createWriteStream(upload.path, { flags: 'a' }));
    } finally {
      upload.size = statSync(upload.path, { throwIfNoEntry: false })?.size ?? 0;
    }
    return upload.size;
  }

  /** Ends an upload; false, and the upload is gone, when its content has another digest than was announced. */
  async finish(id: string, digest: string): Promise<boolean> {
    const upload = this.#uploads.get(id);
    const target = this.#path(digest);
    if (upload === undefined) return false;
    this.#uploads.delete(id);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(upload.path, { flags: 'a+' })) hash.update(chunk as Buffer);
    if (target === undefined || `sha256:${hash.digest('hex')}` !== digest) {
      await rm(upload.path, { force: true });
      return false;
    }
    await rename(upload.path, target);
    return true;
  }

  async cancel(id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    this.#uploads.delete(id);
    if (upload !== undefined) await rm(upload.path, { force: true });
  }
}
