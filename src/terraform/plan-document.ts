/** Names and values of a resource, as its provider has them. */
export type Attributes = Record<string, unknown>;

/** https://developer.hashicorp.com/terraform/internals/json-format#change-representation */
export interface Change {
  /** `["delete", "create"]` replaces, the old one first; `["create", "delete"]` the new one first. */
  actions: string[];
  before: Attributes | null;
  after: Attributes | null;
  /** `true` wherever a value is known only when it is applied. */
  after_unknown?: Attributes;
  /** `true` wherever a value is sensitive. */
  before_sensitive?: unknown;
  after_sensitive?: unknown;
  /** The attributes that force a replacement, as paths. */
  replace_paths?: (string | number)[][];
  /** There where the plan takes over what exists. */
  importing?: unknown;
}

/** One object of a plan: a resource, or a deposed object that an interrupted replacement left behind. */
export interface ResourceChange {
  address: string;
  mode: string;
  type: string;
  /** Where it was before, where it moves. */
  previous_address?: string;
  /** Key of a deposed object. */
  deposed?: string;
  change: Change;
}

/**
 * What is read of `terraform show -json` of a saved plan.
 * https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
export interface PlanDocument {
  resource_changes?: ResourceChange[];
  /** What is not as Terraform left it. */
  resource_drift?: ResourceChange[];
  output_changes?: Record<string, Pick<Change, 'actions' | 'after' | 'after_unknown'> | undefined>;
  planned_values?: { outputs?: Record<string, { value?: unknown; sensitive?: boolean }> };
}

/**
 * A document from what Terraform wrote; undefined for what is none, or not in the form in which it is read here. Pure.
 */
export function parsePlanDocument(text: string): PlanDocument | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return isDocument(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isObjectOrNone = (value: unknown): boolean => value === undefined || value === null || isObject(value);
const isListOf = (value: unknown, isOne: (each: unknown) => boolean): boolean =>
  value === undefined || (Array.isArray(value) && value.every(isOne));
const isText = (value: unknown): boolean => typeof value === 'string';

function isDocument(value: unknown): value is PlanDocument {
  if (!isObject(value)) return false;
  const { resource_changes: changes, resource_drift: drift, output_changes: outputs = {} } = value;
  const { outputs: planned = {} } = (value.planned_values ?? {}) as { outputs?: unknown };
  return (
    isListOf(changes, isResourceChange) &&
    isListOf(drift, isResourceChange) &&
    isObject(outputs) &&
    Object.values(outputs).every(isOutputChange) &&
    isObjectOrNone(value.planned_values) &&
    isObject(planned) &&
    Object.values(planned).every(isObject)
  );
}

function isOutputChange(value: unknown): boolean {
  return isObject(value) && isListOf(value.actions, isText);
}

function isResourceChange(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.change)) return false;
  const { actions, before, after, after_unknown: unknown, replace_paths: paths } = value.change;
  return (
    [value.address, value.mode, value.type].every(isText) &&
    Array.isArray(actions) &&
    actions.every(isText) &&
    [before, after].every(isObjectOrNone) &&
    isObjectOrNone(unknown) &&
    isListOf(paths, Array.isArray)
  );
}

/** Whether two values are the same but for what is empty in one and not there in the other. Pure. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(withoutEmpty(one)) === JSON.stringify(withoutEmpty(other));
}

function withoutEmpty(value: unknown): unknown {
  if (value === null || value === '') return undefined;
  if (typeof value !== 'object') return value;
  const kept = Object.entries(value)
    .map(([name, each]) => [name, withoutEmpty(each)] as const)
    .filter(([, each]) => each !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** Whether anything in `after_unknown` or a sensitivity is marked. Pure. */
export function isMarked(value: unknown): boolean {
  if (value === true) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(isMarked);
}

/** Whether the attribute is sensitive, before or after. Pure. */
export function isSensitive(
  { before_sensitive: before, after_sensitive: after }: Change,
  name: string,
): boolean {
  return [before, after].some(
    (marks) => marks === true || isMarked((marks as Attributes | undefined)?.[name]),
  );
}
