import type { ImageState } from '../../image/index.ts';
import { bestEffort, type RolloutContext } from '../context/index.ts';
import type { GroupObservation, ImageOutlook, RolloutTarget, TemplateObservation } from '../model/index.ts';

/** A template version, and whether what it names can still be launched. */
export interface LaunchedVersion extends TemplateObservation {
  stored: ImageState;
  outlook: ImageOutlook | undefined;
}

/** What the group is to launch, and what it launches when it goes back; undefined for what could not be read. */
export interface LaunchedVersions {
  next: LaunchedVersion | undefined;
  saved: LaunchedVersion | undefined;
}

/** Reads both template versions and asks the registry about their images. */
export async function readLaunched(
  context: RolloutContext,
  { template }: Pick<GroupObservation, 'template'>,
  { templateId, version, previousVersion }: RolloutTarget,
): Promise<LaunchedVersions> {
  const same = template?.id === templateId && previousVersion === version;
  const [next, saved] = await Promise.all([
    readOne(context, templateId, version),
    template === undefined || previousVersion === undefined || same
      ? undefined
      : readOne(context, template.id, previousVersion),
  ]);
  return { next, saved };
}

async function readOne(
  context: RolloutContext,
  templateId: string,
  version: number,
): Promise<LaunchedVersion | undefined> {
  const { api } = context;
  const found = await bestEffort(context, 'see the launch template', () =>
    api.templateVersion(templateId, version),
  );
  if (found === undefined) return undefined;
  const { image } = found;
  if (image === undefined) return { ...found, stored: 'unknown', outlook: undefined };
  const [stored = 'unknown', outlook] = await Promise.all([
    bestEffort(context, 'see the images of the registry', () => api.imageState(image)),
    bestEffort(context, 'read the lifecycle policy of the registry', () => api.imageOutlook(image)),
  ]);
  return { ...found, stored, outlook };
}
