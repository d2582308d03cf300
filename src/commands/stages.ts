import { openAwsAccess } from '../aws/index.ts';
import {
  fullBuckets,
  parameterNames,
  readEnvironment,
  readImages,
  repositoryOf,
} from '../environment/index.ts';
import { ensureRepository, findImage, platformsOf, publishImage, startBuild } from '../image/index.ts';
import { checkArchitecture, previewRollout, rollOut } from '../rollout/index.ts';
import { ensureBackend, findBackend } from '../state-backend/index.ts';
import {
  applyPlanned,
  bundledTerraform,
  environmentPlatform,
  openRoot,
  prepareTerraform,
  readContract,
} from '../terraform/index.ts';

/** What commands are made of: each touches the world, and a test puts another in its place. */
export const stages = {
  ...{ openAwsAccess, ensureBackend, findBackend },
  ...{ bundledTerraform, prepareTerraform, openRoot, applyPlanned, readContract, environmentPlatform },
  ...{ startBuild, ensureRepository, publishImage, findImage, platformsOf },
  ...{ readEnvironment, readImages, repositoryOf, fullBuckets, parameterNames },
  ...{ checkArchitecture, previewRollout, rollOut },
};

/** The stages as commands get them. */
export type Stages = typeof stages;
