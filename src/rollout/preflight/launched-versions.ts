import type { ImageState } from '../../image/index.ts';
import { bestEffort, type RolloutContext } from '../context/index.ts';
import type { GroupObservation, ImageOutlook, RolloutTarget, TemplateObservation } from '../model/index.ts';

/** A template version, and whether what it names can still be launched. */
export interface LaunchedVersion extends Omit<TemplateObservation, 'images'> {
  /** Of the images that its user data names, the one that a launch would fail with first; undefined when it names none. */
  image: string | undefined;
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
  const { images, ...rest } = found;
  const asked = await Promise.all(images.map((image) => askAbout(context, image)));
  const none = { image: undefined, stored: 'unknown' as const, outlook: undefined };
  return { ...rest, ...(mostEndangered(asked) ?? none) };
}

type AskedImage = Pick<LaunchedVersion, 'image' | 'stored' | 'outlook'>;

async function askAbout(context: RolloutContext, image: string): Promise<AskedImage> {
  const { api } = context;
  const [stored = 'unknown', outlook] = await Promise.all([
    bestEffort(context, 'see the images of the registry', () => api.imageState(image)),
    bestEffort(context, 'read the lifecycle policy of the registry', () => api.imageOutlook(image)),
  ]);
  return { image, stored, outlook };
}

/** One that is gone, else one that will be, else the first. Pure. */
export function mostEndangered(images: readonly AskedImage[]): AskedImage | undefined {
  const gone = images.find(({ stored }) => stored === 'missing' || stored === 'archived');
  const leaving = images
    .filter(({ outlook }) => outlook !== undefined)
    .toSorted((one, other) => left(one) - left(other));
  return gone ?? leaving[0] ?? images[0];
}

function left({ outlook }: AskedImage): number {
  if (outlook === undefined) return Infinity;
  return 'pushes' in outlook.left ? outlook.left.pushes : outlook.left.days;
}
