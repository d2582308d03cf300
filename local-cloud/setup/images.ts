/** Every image that the local cloud runs or that the sample application is built from. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { POSTGRES_IMAGE } from '../database/index.ts';
import { ensureInstanceImage } from '../instance/index.ts';
import { buildImage, ensureDebian, ensureNode } from './base-images.ts';
import { runCommand, SetupError } from '../host/index.ts';

type Say = (line: string) => void;

const POSTGRES_CONTEXT = fileURLToPath(new URL('../database/image', import.meta.url));
const CONTENT = 'asg-deploy.local-cloud.content';

function contentOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Builds the PostgreSQL image when it is missing or was built from other files. */
async function ensurePostgres(say: Say): Promise<void> {
  const content = contentOf(POSTGRES_CONTEXT);
  const format = `{{index .Config.Labels "${CONTENT}"}}`;
  const { stdout } = await runCommand('docker', ['image', 'inspect', '--format', format, POSTGRES_IMAGE]);
  if (stdout.trim() === content) return;
  say(`building ${POSTGRES_IMAGE}, which stands for RDS`);
  const dockerfile = join(POSTGRES_CONTEXT, 'Dockerfile');
  await buildImage(POSTGRES_IMAGE, dockerfile, POSTGRES_CONTEXT, [`${CONTENT}=${content}`]).catch(
    (error: unknown) => {
      throw new SetupError('The PostgreSQL image could not be built. Nothing was started.', {
        why: String(error),
        next: "make Debian's package mirror (deb.debian.org) reachable for docker build, and run this again",
      });
    },
  );
}

/**
 * Makes sure that every image is there.
 * @returns the instance image's name
 * @throws SetupError when one can be neither pulled nor made
 */
export async function ensureImages(say: Say): Promise<string> {
  await ensureDebian(say);
  await ensureNode(say);
  await ensurePostgres(say);
  return ensureInstanceImage(say);
}
