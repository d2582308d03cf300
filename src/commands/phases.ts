import type { openAwsAccess } from '../aws/index.ts';
import type { ensureBackend, findBackend } from '../state-backend/index.ts';
import type { fullBuckets } from '../environment/index.ts';
import type { readEnvironment, readImages, repositoryOf } from '../environment/index.ts';
import type { parameterNames } from '../environment/index.ts';
import type { ensureRepository, findImage, platformsOf, publishImage, startBuild } from '../image/index.ts';
import type { checkArchitecture, foresee, rollOut } from '../rollout/index.ts';
import type {
  applyPlanned,
  bundledTerraform,
  environmentPlatform,
  openRoot,
  prepareTerraform,
  readContract,
} from '../terraform/index.ts';

/**
 * The phases as modules, each loaded when the run gets there and not before: the first line appears in the
 * time that Node itself needs, and a run that ends early never loads what comes later. Tests give others.
 */
export interface PhaseModules {
  aws: () => Promise<{ openAwsAccess: typeof openAwsAccess }>;
  backend: () => Promise<{ ensureBackend: typeof ensureBackend; findBackend: typeof findBackend }>;
  terraform: () => Promise<{
    prepareTerraform: typeof prepareTerraform;
    openRoot: typeof openRoot;
    applyPlanned: typeof applyPlanned;
    readContract: typeof readContract;
    bundledTerraform: typeof bundledTerraform;
    environmentPlatform: typeof environmentPlatform;
  }>;
  image: () => Promise<{
    startBuild: typeof startBuild;
    publishImage: typeof publishImage;
    ensureRepository: typeof ensureRepository;
    findImage: typeof findImage;
    platformsOf: typeof platformsOf;
  }>;
  deployed: () => Promise<{
    readEnvironment: typeof readEnvironment;
    readImages: typeof readImages;
    repositoryOf: typeof repositoryOf;
  }>;
  buckets: () => Promise<{ fullBuckets: typeof fullBuckets }>;
  parameters: () => Promise<{ parameterNames: typeof parameterNames }>;
  rollout: () => Promise<{
    rollOut: typeof rollOut;
    foresee: typeof foresee;
    checkArchitecture: typeof checkArchitecture;
  }>;
}

export const phaseModules: PhaseModules = {
  aws: () => import('../aws/index.ts'),
  backend: () => import('../state-backend/index.ts'),
  terraform: () => import('../terraform/index.ts'),
  image: () => import('../image/index.ts'),
  deployed: () => import('../environment/index.ts'),
  buckets: () => import('../environment/index.ts'),
  parameters: () => import('../environment/index.ts'),
  rollout: () => import('../rollout/index.ts'),
};
