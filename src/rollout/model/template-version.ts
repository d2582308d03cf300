import type { GroupObservation } from './observations.ts';

/** The number of a launch template's version as AWS writes it; undefined for $Latest, $Default and what is no number. */
export function versionNumber(text: string | undefined): number | undefined {
  const version = Number(text);
  return Number.isInteger(version) && version > 0 ? version : undefined;
}

/**
 * The number of the version that a group launches, which a rollback goes back to; undefined when its configuration
 * names none ($Latest, $Default, a launch configuration).
 */
export function savedTemplateVersion({ template }: Pick<GroupObservation, 'template'>): number | undefined {
  return versionNumber(template?.version);
}
