import type { ResourceEdit } from '../core/index.ts';
import type { Attributes, Change, PlanDocument } from './plan-document.ts';
import { isMarked, isSame, isSensitive } from './plan-document.ts';

/** Characters of one value that are shown. */
const longest = 60;

/** Attributes that change with everything else, and say nothing by themselves. */
const followers = new Set([
  'id',
  'arn',
  'latest_version',
  'default_version',
  'tags_all',
  'update_default_version',
]);

/**
 * Which attributes a plan changes in which resource, and from what to what. No sensitive value is shown, nor a text of
 * several lines, such as user data. Pure.
 */
export function editsIn({ resource_changes: changes = [] }: PlanDocument): ResourceEdit[] {
  return changes.flatMap(({ mode, address, change }) => {
    if (mode !== 'managed' || !change.actions.includes('update')) return [];
    const attributes = namesIn(change)
      .filter((name) => !followers.has(name) && !isUnchanged(change, name))
      .map((name) => ({ name, ...valuesOf(change, name) }));
    return attributes.length === 0 ? [] : [{ address, attributes }];
  });
}

function namesIn({ before, after, after_unknown: unknown }: Change): string[] {
  return [...new Set([before, after, unknown].flatMap((values) => Object.keys(values ?? {})))].sort();
}

function isUnchanged({ before, after, after_unknown: unknown }: Change, name: string): boolean {
  return !isMarked(unknown?.[name]) && isSame(before?.[name], after?.[name]);
}

function valuesOf(change: Change, name: string): { from: string; to: string } {
  if (isSensitive(change, name)) return { from: '(sensitive)', to: '(sensitive)' };
  const { before, after, after_unknown: unknown } = change;
  return {
    from: shown(before, name),
    to: isMarked(unknown?.[name]) ? '(known after apply)' : shown(after, name),
  };
}

function shown(values: Attributes | null, name: string): string {
  const value = values?.[name] ?? null;
  if (name === 'user_data' || name === 'user_data_base64') return '(user data)';
  const text = JSON.stringify(value);
  if (text.includes('\\n')) return '(text of several lines)';
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
