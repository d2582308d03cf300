import { restoreCommand } from '../../image/index.ts';
import type { ImageOutlook } from '../model/index.ts';
import type { Finding, PreflightInput } from './finding.ts';
import type { LaunchedVersion } from './launched-versions.ts';

/** An image that the rules take within so many pushes or days is told of; one that has longer is not. */
const fewPushes = 5;
const fewDays = 7;

/** Whether the images of the new version and of the one to go back to are there, and stay. */
export function images({ launched: { next, saved }, settings }: PreflightInput): Finding[] {
  return [
    ...(next ? [...absent(next, 'error', nextWords), ...leaving(next, nextWords), ...byTag(next)] : []),
    ...(saved
      ? [
          ...absent(saved, settings.autoRollback ? 'error' : 'warning', savedWords),
          ...leaving(saved, savedWords),
        ]
      : []),
  ];
}

interface Words {
  which: (version: number) => string;
  why: string;
  fix: string;
}

const nextWords: Words = {
  which: (version) => `the image of version ${version}`,
  why: 'no new instance could pull it',
  fix: 'deploy the commit again so that it is built and pushed, or deploy another image',
};

const savedWords: Words = {
  which: (version) => `the image of version ${version}, which a rollback goes back to,`,
  why: 'a rollback could start nothing: the group would be left with no version that can be launched',
  fix: 'push that very image again; or set auto-rollback to false for this run, and there is nothing to go back to',
};

function absent(
  { version, image, stored }: LaunchedVersion,
  severity: Finding['severity'],
  { which, why, fix }: Words,
): Finding[] {
  if (stored === 'missing') {
    return [
      {
        code: 'image-gone',
        severity,
        what: `${which(version)} is not in the registry: ${image ?? ''}`,
        why,
        fix,
      },
    ];
  }
  if (stored !== 'archived') return [];
  return [
    {
      code: 'image-archived',
      severity,
      what: `${which(version)} is archived in the registry: ${image ?? ''}`,
      why: `an archived image can't be pulled: ${why}`,
      fix: `restore it, which takes up to 20 minutes (${restoreCommand(image ?? '')}), then run this job again`,
    },
  ];
}

function leaving({ version, outlook }: LaunchedVersion, { which }: Words): Finding[] {
  const when = outlook && soon(outlook);
  if (when === undefined) return [];
  return [
    {
      code: 'image-expires',
      severity: 'warning',
      what: `${which(version)} is taken by the lifecycle policy of its repository ${when} (${outlook?.rule ?? ''})`,
      why: 'the registry does not know what runs: what is launched after that, by a scale-out or a rollback, could not pull it',
      fix: 'let the policy take untagged images only, as the one of terraform/bootstrap does, or keep more of them',
    },
  ];
}

function soon({ left }: ImageOutlook): string | undefined {
  const [count, few, unit] =
    'pushes' in left ? [left.pushes, fewPushes, 'more push'] : [left.days, fewDays, 'day'];
  if (count > few) return undefined;
  if (count === 0) return 'within a day';
  const plural = unit === 'day' ? 'days' : 'more pushes';
  return `after ${count} ${count === 1 ? unit : plural}`;
}

/** Parameters of SSM: what they say is read at each launch, so a version with one is no fixed version. */
export function machineImages({ launched: { next, saved }, settings }: PreflightInput): Finding[] {
  const moves = (version: LaunchedVersion | undefined) =>
    version?.machineImage.startsWith('resolve:ssm:') === true;
  const fix =
    'name the machine image by its id (ami-…) in the launch template; Terraform can read the parameter';
  return [
    ...(saved && moves(saved)
      ? [
          {
            code: 'saved-image-moves',
            severity: settings.autoRollback ? ('error' as const) : ('warning' as const),
            what: `version ${saved.version}, which the group runs, takes its machine image from a parameter (${saved.machineImage})`,
            why: 'AWS refuses to roll back to such a version',
            fix: `${fix}; for this one rollout set auto-rollback to false`,
          },
        ]
      : []),
    ...(next && moves(next)
      ? [
          {
            code: 'image-moves',
            severity: 'warning' as const,
            what: `version ${next.version} takes its machine image from a parameter (${next.machineImage})`,
            why: 'AWS will refuse to roll back to it after the next deployment, and its instances may differ',
            fix,
          },
        ]
      : []),
  ];
}

/** Only where user data names none by digest: what it names by tag then is not looked for. */
function byTag({ version, image }: LaunchedVersion): Finding[] {
  if (image !== undefined) return [];
  return [
    {
      code: 'image-by-tag',
      severity: 'warning',
      what: `the user data of version ${version} names no image by digest`,
      why: 'a tag, or what is read at boot, may be another image tomorrow: then the version says nothing about what runs, and a rollback starts whatever is there',
      fix: 'put the variable image, as the action gives it, into the user data of the launch template',
    },
  ];
}
