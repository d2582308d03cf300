import type { PlanSummary } from '../core/index.ts';

/** One message of Terraform's `-json` stream; only what is read here, unknown fields and types are ignored. */
export interface TerraformEvent {
  type: string;
  '@message': string;
  /** RFC 3339, by this machine's clock. */
  '@timestamp'?: string;
  change?: {
    resource: { addr: string; resource_type?: string };
    previous_resource?: { addr: string };
    importing?: { id: string };
    action: string;
  };
  changes?: { add: number; change: number; remove: number; operation: string };
  hook?: {
    resource?: { addr: string };
    action?: string;
    elapsed_seconds?: number;
    output?: string;
  };
  outputs?: Record<string, { sensitive: boolean; action?: string }>;
  diagnostic?: Diagnostic;
}

export interface Diagnostic {
  severity: 'error' | 'warning';
  summary: string;
  detail?: string;
  /** The resource that it is about. */
  address?: string;
  range?: { filename: string; start: { line: number } };
  snippet?: { context?: string | null; code: string };
}

/** A line of the stream, or undefined for what is not a message (Terraform prints some warnings before the stream starts). */
export function parseEvent(line: string): TerraformEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return eventOf(JSON.parse(line) as Record<string, unknown>);
  } catch {
    return undefined;
  }
}

/** A message with those of its parts that have the form in which they are read here. */
function eventOf({
  type,
  '@message': message,
  '@timestamp': timestamp,
  ...parts
}: Record<string, unknown>): TerraformEvent | undefined {
  if (typeof type !== 'string') return undefined;
  const kept = Object.entries(forms).filter(
    ([name, hasForm]) => isObject(parts[name]) && hasForm(parts[name]),
  );
  return {
    ...Object.fromEntries(kept.map(([name]) => [name, parts[name]])),
    ...{ type, '@message': typeof message === 'string' ? message : '' },
    ...(typeof timestamp === 'string' && { '@timestamp': timestamp }),
  };
}

type Parts = Record<string, unknown>;

const isObject = (value: unknown): value is Parts => typeof value === 'object' && value !== null;
const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNone = (value: unknown): boolean => value === undefined || value === null || isText(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const hasAddress = (value: unknown): boolean =>
  isObject(value) && isText(value.addr) && isTextOrNone(value.resource_type);

/** Of which form each part has to be, so that it can be read. */
const forms: Record<string, (part: Parts) => boolean> = {
  change: ({ action, resource, previous_resource: previous, importing }) =>
    isText(action) &&
    hasAddress(resource) &&
    (previous === undefined || hasAddress(previous)) &&
    (importing === undefined || isObject(importing)),
  changes: ({ add, change, remove }) => [add, change, remove].every(isCount),
  hook: ({ resource, action, elapsed_seconds: seconds = 0 }) =>
    (resource === undefined || hasAddress(resource)) && isTextOrNone(action) && Number.isFinite(seconds),
  outputs: (outputs) =>
    Object.values(outputs).every((output) => isObject(output) && isTextOrNone(output.action)),
  diagnostic: ({ severity, summary, detail, address, range, snippet }) =>
    [severity, summary].every(isText) &&
    [detail, address].every(isTextOrNone) &&
    (range === undefined || (isObject(range) && isText(range.filename) && isObject(range.start))) &&
    (snippet === undefined || (isObject(snippet) && isText(snippet.code))),
};

/** The sign of each action in a list of changes. */
const symbols: Readonly<Record<string, string>> = {
  create: '+',
  update: '~',
  replace: '-/+',
  delete: '-',
  move: '→',
  import: '<-',
  remove: 'x',
  forget: 'x',
};

/** How Terraform counts each action in its summary; moved, imported and forgotten resources it counts nowhere. */
const counts: Readonly<Record<string, readonly ('add' | 'change' | 'remove')[]>> = {
  ...{ create: ['add'], update: ['change'], delete: ['remove'], replace: ['add', 'remove'] },
  ...{ noop: [], read: [], move: [], import: [], remove: [], forget: [] },
};

/**
 * Whether the messages tell all of a plan: the summary is there, each action is one that is known, and their numbers are
 * those of the summary. Where they are not, lines were cut or lost, came twice, or were written by a Terraform that has
 * learnt something: what is missing may be anything.
 */
export function isWhole(events: readonly TerraformEvent[]): boolean {
  const summary = events.findLast(({ type }) => type === 'change_summary')?.changes;
  if (summary === undefined) return false;
  const left = { add: summary.add, change: summary.change, remove: summary.remove };
  const seen = new Set<string>();
  for (const { type, change } of events) {
    if (type !== 'planned_change') continue;
    const { action = '', resource } = change ?? {};
    const counted = Object.hasOwn(counts, action) ? counts[action] : undefined;
    if (counted === undefined || seen.has(`${action} ${resource?.addr ?? ''}`)) return false;
    seen.add(`${action} ${resource?.addr ?? ''}`);
    for (const each of counted) left[each] -= 1;
  }
  return Object.values(left).every((number) => number === 0);
}

/**
 * What a plan would do, from the messages `planned_change` and `change_summary`, where they tell all of it.
 * A replaced resource counts as one to add and one to destroy, as Terraform counts it; data sources read while
 * applying are not changes.
 */
export function summarizePlan(events: readonly TerraformEvent[]): PlanSummary {
  const {
    add = 0,
    change = 0,
    remove = 0,
  } = events.findLast(({ type }) => type === 'change_summary')?.changes ?? {};
  const changes = events.flatMap((event) => {
    const symbol = symbols[event.change?.action ?? ''];
    if (event.type !== 'planned_change' || event.change === undefined || symbol === undefined) return [];
    const { resource, importing, previous_resource: previous, action } = event.change;
    const from = action === 'move' ? previous?.addr : undefined;
    return [changeLine(symbol, resource.addr, { from, id: importing?.id })];
  });
  return { add, change, destroy: remove, changes: inOrder(changes) };
}

/** "~ aws_lb.old (imported from arn:lb)" */
export function changeLine(
  symbol: string,
  address: string,
  { from, id }: { from?: string | undefined; id?: string | undefined },
): string {
  const moved = from === undefined ? '' : ` (moved from ${from})`;
  return `${symbol} ${address}${moved}${id === undefined ? '' : ` (imported from ${id})`}`;
}

/** What goes first, then what changes, then what comes; each by its address. */
export function inOrder(changes: readonly string[]): string[] {
  const symbolsInOrder = ['-', '-/+', '?', 'x', '~', '→', '<-', '+'];
  const rank = (change: string): number => symbolsInOrder.indexOf(change.split(' ', 1)[0] ?? '');
  return changes.toSorted((one, other) => rank(one) - rank(other) || one.localeCompare(other, 'en'));
}

/**
 * Whether an apply would do anything; undefined where the messages do not tell, and the plan itself has to be read. Exit
 * code 2 alone does not say: Terraform also gives it when resources merely read back differently from the state, with
 * nothing to add, change or destroy. What becomes of the outputs is its last message.
 */
export function changesAnything(events: readonly TerraformEvent[]): boolean | undefined {
  if (!isWhole(events)) return undefined;
  if (changedOutputs(events).length > 0 || summarizePlan(events).changes.length > 0) return true;
  return tellsOutputs(events) ? false : undefined;
}

/** Whether the messages say what becomes of the outputs: all of them are named where there is any. */
export function tellsOutputs(events: readonly TerraformEvent[]): boolean {
  return events.some(({ type, outputs }) => type === 'outputs' && outputs !== undefined);
}

/** Names of the outputs that an apply would make, change or remove. */
export function changedOutputs(events: readonly TerraformEvent[]): string[] {
  const outputs = events.findLast((event) => event.type === 'outputs')?.outputs ?? {};
  return Object.keys(outputs).filter((name) => (outputs[name]?.action ?? 'noop') !== 'noop');
}

/** Whether Terraform found anything that is not as it left it. */
export function hasDrift(events: readonly TerraformEvent[]): boolean {
  return events.some(({ type }) => type === 'resource_drift');
}

/** How many steps on resources an apply finished, and the resources on which it began one and did not finish it. */
export function appliedResources(events: readonly TerraformEvent[]): {
  done: number;
  unfinished: string[];
} {
  const begun = new Map<string, string>();
  const done = new Set<string>();
  for (const { type, hook } of events) {
    const address = hook?.resource?.addr;
    if (address === undefined) continue;
    // One that is replaced is deleted and made.
    const step = `${hook?.action ?? ''} ${address}`;
    if (type === 'apply_start') begun.set(step, address);
    if (type === 'apply_complete') done.add(step);
  }
  const unfinished = [...begun].filter(([step]) => !done.has(step)).map(([, address]) => address);
  return { done: done.size, unfinished: [...new Set(unfinished)] };
}
