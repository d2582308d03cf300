import type { PlanSummary } from '../core/index.ts';

/** One message of Terraform's `-json` stream; only what is read here, unknown fields and types are ignored. */
export interface TerraformEvent {
  type: string;
  '@message': string;
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
    const value = JSON.parse(line) as Partial<TerraformEvent>;
    if (typeof value.type !== 'string') return undefined;
    return { ...value, type: value.type, '@message': value['@message'] ?? '' };
  } catch {
    return undefined;
  }
}

const symbols: Record<string, string> = {
  create: '+',
  update: '~',
  replace: '-/+',
  delete: '-',
  move: '→',
  import: '<-',
  remove: 'x',
  forget: 'x',
};

/**
 * What a plan would do, from the messages `planned_change` and `change_summary`.
 * A replaced resource counts as one to add and one to destroy, as Terraform counts it; data sources read while
 * applying are not changes.
 */
export function summarizePlan(events: readonly TerraformEvent[]): PlanSummary {
  const changes: string[] = [];
  let summary = { add: 0, change: 0, remove: 0 };
  for (const event of events) {
    if (event.type === 'change_summary' && event.changes) summary = event.changes;
    if (event.type !== 'planned_change' || !event.change) continue;
    const symbol = symbols[event.change.action];
    if (symbol === undefined) continue;
    const from = event.change.action === 'move' ? event.change.previous_resource?.addr : undefined;
    const moved = from === undefined ? '' : ` (moved from ${from})`;
    const { resource, importing } = event.change;
    const imported = importing === undefined ? '' : ` (imported from ${importing.id})`;
    changes.push(`${symbol} ${resource.addr}${moved}${imported}`);
  }
  return { add: summary.add, change: summary.change, destroy: summary.remove, changes: inOrder(changes) };
}

/** What goes first, then what changes, then what comes; each by its address. */
function inOrder(changes: readonly string[]): string[] {
  const symbolsInOrder = ['-', '-/+', 'x', '~', '→', '<-', '+'];
  const rank = (change: string): number => symbolsInOrder.indexOf(change.split(' ', 1)[0] ?? '');
  return changes.toSorted((one, other) => rank(one) - rank(other) || one.localeCompare(other, 'en'));
}

/**
 * Whether an apply would do anything. Exit code 2 alone does not say: Terraform also gives it when resources merely
 * read back differently from the state, with nothing to add, change or destroy.
 */
export function changesAnything(events: readonly TerraformEvent[]): boolean {
  if (!events.some(({ type }) => type === 'change_summary')) return true;
  return changedOutputs(events).length > 0 || summarizePlan(events).changes.length > 0;
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

/** How many resources an apply finished, and those that it began and did not finish. */
export function appliedResources(events: readonly TerraformEvent[]): {
  done: number;
  unfinished: string[];
} {
  const unfinished = new Set<string>();
  let done = 0;
  for (const { type, hook } of events) {
    const address = hook?.resource?.addr;
    if (address === undefined) continue;
    if (type === 'apply_start') unfinished.add(address);
    if (type === 'apply_complete') {
      unfinished.delete(address);
      done += 1;
    }
  }
  return { done, unfinished: [...unfinished] };
}
