import { describe, expect, it } from '@jest/globals';
import { startFittingBuild } from '../../src/commands/fitting-image.ts';
import type { BuildResult } from '../../src/image/index.ts';
import { fakeRun } from '../support/fake-run.ts';

const reference = `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:${'1'.repeat(64)}`;
const [repository = '', digest = ''] = reference.split('@');
const existing: BuildResult = {
  kind: 'existing',
  image: { repository, digest, reference, tag: 'v1', built: false },
};
const local: BuildResult = { kind: 'local', tag: 'v1', commit: '', inputs: '', imageId: 'sha256:1' };

interface Case {
  /** What the root says that its instances run. */
  needed?: string;
  /** The input. */
  platform?: string;
  /** What the registry says of an image that exists. */
  platforms?: string[];
  built?: BuildResult;
  terraformDirectory?: string;
}

/** @returns the platform that was built for or looked for, and the result */
async function start({ needed, platforms = [], built = local, ...inputs }: Case) {
  let asked: string | undefined = 'nothing was started';
  const { run } = fakeRun('http://127.0.0.1:1', { application: 'shop', environment: 'dev', ...inputs });
  const stages = {
    bundledTerraform: () => 'terraform',
    environmentPlatform: async () => needed,
    startBuild: async (branch: typeof run) => {
      asked = branch.inputs.platform;
      return built;
    },
    platformsOf: async () => platforms,
  };
  const result = await startFittingBuild({ stages }, run).catch((error: unknown) => error);
  return { asked, result };
}

const [amd64, arm64] = ['linux/amd64', 'linux/arm64'];
const ownRoot = { terraformDirectory: 'infrastructure' };

describe('an image for the instances of an environment', () => {
  it.each<[string, Case, string | undefined]>([
    ['is built for what they are', { needed: arm64 }, arm64],
    ['is built for what is asked for, when it is that', { needed: arm64, platform: arm64 }, arm64],
    ['is built for what is asked for, when the root does not say', { platform: arm64 }, arm64],
    [
      'is built for what is asked for in a root of one’s own',
      { needed: amd64, platform: arm64, ...ownRoot },
      arm64,
    ],
    ['may be one that exists', { needed: amd64, built: existing, platforms: [amd64] }, amd64],
    ['may be an index with them', { needed: amd64, built: existing, platforms: [arm64, amd64] }, amd64],
    ['may be one that does not say', { needed: amd64, built: existing }, amd64],
    [
      'is the preflight’s to judge in a root of one’s own',
      { needed: amd64, built: existing, platforms: [arm64], ...ownRoot },
      amd64,
    ],
  ])('%s', async (_name, given, platform) => {
    expect(await start(given)).toEqual({ asked: platform, result: given.built ?? local });
  });

  it('is not built for another platform than the bundled root has', async () => {
    const { asked, result } = await start({ needed: amd64, platform: arm64 });
    expect(asked).toBe('nothing was started');
    expect(result).toMatchObject({
      reason: 'input-invalid',
      message:
        'platform is linux/arm64, and the instances of shop-dev need linux/amd64, as service.architecture says',
      left: 'Nothing was touched.',
    });
  });

  it('is refused when it exists for another platform alone', async () => {
    const { result } = await start({ needed: amd64, built: existing, platforms: [arm64] });
    expect(result).toMatchObject({
      reason: 'input-invalid',
      message: `the image ${reference} is for linux/arm64, and the instances of shop-dev need linux/amd64, as service.architecture says`,
    });
  });
});
