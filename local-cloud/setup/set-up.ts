/** Everything that the local cloud needs on a machine, made if it is missing and may be made. */
import { ensureDocker } from './docker.ts';
import { ensureImages } from './images.ts';
import { ensurePython } from './python.ts';
import type { InstanceKind } from '../instance/index.ts';

/** What is to be set up, and for whom. */
export interface SetUpOptions {
  instances: InstanceKind;
  /** Who asks: a Docker engine that has to be started is theirs, and ended by them alone. */
  startedFor: string;
  /** Told of everything that is done to the machine. */
  say: (line: string) => void;
}

/** Where what was set up is. */
export interface SetUp {
  /** The interpreter that has moto. */
  python: string;
  /** What instances boot from; absent when they are simulated. */
  instanceImage?: string;
}

/**
 * Idempotent, and safe to interrupt. Says what it does; what is there already is not spoken of.
 * @throws SetupError when something can't be had: what, why, and what to do
 */
export async function setUp({ instances, startedFor, say }: SetUpOptions): Promise<SetUp> {
  if (instances === 'simulated') return { python: await ensurePython(say) };
  // One after the other where apt-get may run: it has one lock.
  await ensureDocker(startedFor, say);
  const python = await ensurePython(say);
  return { python, instanceImage: await ensureImages(say) };
}
