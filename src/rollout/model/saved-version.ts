import type { GroupObservation } from './observations.ts';

/** The template version that the group launches, when it is a number: what a rollback goes back to. */
export function savedVersion(group: Pick<GroupObservation, 'template'>): number | undefined {
  const version = Number(group.template?.version);
  return Number.isInteger(version) && version > 0 ? version : undefined;
}
