import { savedTemplateVersion } from '../model/index.ts';
import type { GroupSnapshot } from '../plan/index.ts';
import type { Finding } from '../preflight/index.ts';
import { instancesAtPause } from './pause.ts';

/**
 * By these AWS ends what has the oldest version of the template first, or what is there for longest (Auto Scaling User
 * Guide, termination policies; zones are balanced before).
 */
const oldestFirst = ['Default', 'OldestLaunchTemplate', 'OldestInstance'];

/**
 * A scale-in while a person thinks: it ends instances of the version before, so that the new one gets more of the requests
 * than it was to get. Pure.
 */
export function checkScaleIn({ group, settings }: Pick<GroupSnapshot, 'group' | 'settings'>): Finding[] {
  const { pauseAt } = settings;
  const { name, desired, minSize, terminationPolicies } = group;
  const [policy = 'Default'] = terminationPolicies;
  if (pauseAt === undefined || minSize >= desired || !oldestFirst.includes(policy)) return [];
  const fresh = instancesAtPause(pauseAt, desired);
  const least = Math.max(minSize, fresh);
  // Then there is a finding already that stands against it.
  if (fresh >= desired) return [];
  return [
    {
      code: 'pause-scale-in',
      severity: 'warning',
      what: `the group may shrink from ${desired} to ${minSize} instances while the rollout waits for a person, and its termination policy ${policy} ends those of version ${savedTemplateVersion(group) ?? '?'} first`,
      why: `${share(fresh, desired)} of the instances are new at the pause, and ${share(fresh, least)} then`,
      fix: `nothing, if so many may have the new version; else set the minimum size of ${name} to ${desired} until promote or abort has ended`,
    },
  ];
}

function share(fresh: number, of: number): string {
  return `${fresh} of ${of} (${Math.round((100 * fresh) / Math.max(of, 1))} %)`;
}
