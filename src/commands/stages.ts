import { openAwsAccess } from '../aws/index.ts';
import {
  emptyBuckets,
  fullBuckets,
  parameterNames,
  readAppliedOutputs,
  readBootstrap,
  readEnvironment,
  readVersionImage,
} from '../environment/index.ts';
import {
  currentCommit,
  ensureRepository,
  findImage,
  findImageToRun,
  platformsOf,
  publishImage,
  readImages,
  repositoryOf,
  restoreImage,
  startBuild,
} from '../image/index.ts';
import { abort, checkArchitecture, previewRollout, rollOut } from '../rollout/index.ts';
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
  ...{ currentCommit, startBuild, ensureRepository, publishImage, findImage, findImageToRun, platformsOf },
  ...{ readImages, repositoryOf, restoreImage },
  ...{
    readAppliedOutputs,
    readBootstrap,
    readEnvironment,
    readVersionImage,
    fullBuckets,
    emptyBuckets,
    parameterNames,
  },
  ...{ checkArchitecture, previewRollout, rollOut, abort },
};

/** The stages as commands get them. */
export type Stages = typeof stages;
