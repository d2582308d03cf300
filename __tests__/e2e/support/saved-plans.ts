import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Reads every member of a zip archive on standard input, onto standard output. */
const readArchive = `
import io, sys, zipfile
with zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())) as archive:
    for name in archive.namelist():
        sys.stdout.buffer.write(archive.read(name))
`;

const END_OF_DIRECTORY = Buffer.from('PK\u0005\u0006');
const END_LENGTH = 22;

/**
 * Whether all of a zip archive is there: it ends with where its directory begins and how long that is (APPNOTE.TXT
 * 4.3.16), which is written last. Terraform writes no comment after it.
 */
export function isWholeArchive(bytes: Buffer): boolean {
  const end = bytes.length - END_LENGTH;
  if (end < 0 || !bytes.subarray(end, end + END_OF_DIRECTORY.length).equals(END_OF_DIRECTORY)) return false;
  const [length, start] = [bytes.readUInt32LE(end + 12), bytes.readUInt32LE(end + 16)];
  return start + length === end;
}

/** Terraform's saved plans, which are zip archives, as they are seen while it works. */
export class SavedPlans {
  readonly #whole = new Map<string, Buffer>();
  readonly #halfWritten = new Set<string>();

  /** Keeps what is there when all of it is there; until then, what was there before. */
  async look(path: string): Promise<void> {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return;
    if (isWholeArchive(bytes)) this.#whole.set(path, bytes);
    else this.#halfWritten.add(path);
  }

  /** @returns the contents of each plan; rejects when none was ever seen whole */
  async read(): Promise<string[]> {
    if (this.#whole.size === 0) {
      const half = [...this.#halfWritten].join(', ');
      throw new Error(`no saved plan was seen whole${half === '' ? '' : `; half written: ${half}`}`);
    }
    return Promise.all([...this.#whole.values()].map(contentsOf));
  }
}

async function contentsOf(archive: Buffer): Promise<string> {
  const reading = run('python3', ['-c', readArchive], { maxBuffer: 1 << 28, encoding: 'latin1' });
  reading.child.stdin?.on('error', () => undefined);
  reading.child.stdin?.end(archive);
  return (await reading).stdout;
}
