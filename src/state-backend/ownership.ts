/** Tags on what the action makes for itself. `setup` tells a half-made bucket or table from a finished one. */
export const managedByTag = { key: 'managed-by', value: 'asg-deploy' } as const;
export const setupTag = { key: 'asg-deploy:setup', inProgress: 'in-progress', complete: 'complete' } as const;

export type Tags = Record<string, string>;

export function setupTags(state: 'in-progress' | 'complete'): { Key: string; Value: string }[] {
  return [
    { Key: managedByTag.key, Value: managedByTag.value },
    { Key: setupTag.key, Value: state },
  ];
}

/** True for what an interrupted run made and did not finish. */
export function isHalfMade(tags: Tags): boolean {
  return tags[managedByTag.key] === managedByTag.value && tags[setupTag.key] === setupTag.inProgress;
}

/** SDK tag lists as a record. */
export function toTags(list: readonly { Key?: string; Value?: string }[] | undefined): Tags {
  return Object.fromEntries((list ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** What a judge says: what is wrong and how a person puts it right. */
export interface Deviation {
  problem: string;
  fix: string;
}
