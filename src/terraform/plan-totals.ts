import type { PlanSummary } from '../core/index.ts';
import { changeLine, inOrder } from './events.ts';
import type { PlanDocument, ResourceChange } from './plan-document.ts';

/**
 * What a plan would do, from the plan itself: where the messages that tell it were cut. Counted as Terraform counts it. Pure.
 */
export function totalsIn({ resource_changes: all = [] }: PlanDocument): PlanSummary {
  const managed = all.filter(({ mode }) => mode === 'managed');
  const count = (action: string): number =>
    managed.filter(({ change }) => change.actions.includes(action)).length;
  const changes = managed.flatMap((resource) => {
    const symbol = symbolOf(resource);
    if (symbol === undefined) return [];
    const { address, previous_address: from, change } = resource;
    return [
      changeLine(symbol, address, { from: symbol === '→' ? from : undefined, id: importedFrom(change) }),
    ];
  });
  return {
    ...{ add: count('create'), change: count('update'), destroy: count('delete') },
    changes: inOrder(changes),
  };
}

/** Whether an apply of the plan would do anything, to a resource or to an output. Pure. */
export function changesIn(document: PlanDocument): boolean {
  const outputs = Object.values(document.output_changes ?? {});
  return (
    totalsIn(document).changes.length > 0 ||
    outputs.some((output) => !(output?.actions ?? []).every((action) => action === 'no-op'))
  );
}

/** undefined for what stays as it is. */
function symbolOf({ address, previous_address: from, change }: ResourceChange): string | undefined {
  const { actions, importing } = change;
  switch (actions.join(' ')) {
    case 'create':
      return '+';
    case 'update':
      return '~';
    case 'delete':
      return '-';
    case 'delete create':
    case 'create delete':
    case 'create forget':
      return '-/+';
    case 'forget':
      return 'x';
    case 'no-op':
    case 'read':
    case '':
      if (from !== undefined && from !== address) return '→';
      return importing === undefined || importing === null ? undefined : '<-';
    default:
      return '?';
  }
}

function importedFrom({ importing }: ResourceChange['change']): string | undefined {
  const { id } = (importing ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
}
