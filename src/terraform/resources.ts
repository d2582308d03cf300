import { initFailure, unreadable } from './failures.ts';
import type { OpenedRoot } from './opened-root.ts';
import { askTerraform, terraformCommand } from './opened-root.ts';
import type { PlanDocument, ResourceChange } from './plan-document.ts';
import { parsePlanDocument } from './plan-document.ts';

/** A managed resource in a saved plan. */
export interface PlannedResource {
  address: string;
  type: string;
  /** Its attributes before the plan is applied; {} for one that is yet to be made. */
  before: Record<string, unknown>;
}

/** A saved plan, read by `terraform show -json`. @throws DeployError as `terraform init` fails, or for what can't be read */
export async function readPlan(root: OpenedRoot, file: string): Promise<PlanDocument> {
  const result = await askTerraform(root, ['show', '-json', '-no-color', file]);
  if (result.exitCode !== 0) throw initFailure(root, result);
  const document = parsePlanDocument(result.stdout);
  if (document === undefined) throw unreadable('the saved plan');
  return document;
}

/** The managed resources of a saved plan. Pure. */
export function resourcesIn({ resource_changes: changes = [] }: PlanDocument): PlannedResource[] {
  return changes.filter(({ mode }) => mode === 'managed').map(asItIs);
}

/** Those of them that the plan destroys, or replaces. Pure. */
export function destroyedIn({ resource_changes: changes = [] }: PlanDocument): PlannedResource[] {
  return changes
    .filter(({ mode, change }) => mode === 'managed' && change.actions.includes('delete'))
    .map(asItIs);
}

function asItIs({ address, type, change }: ResourceChange): PlannedResource {
  return { address, type, before: change.before ?? {} };
}

/** Addresses of the managed resources in the state; none when there is no state. */
export async function managedResources(root: OpenedRoot): Promise<string[]> {
  const result = await terraformCommand(root, ['state', 'list'], () => undefined);
  root.run.signal.throwIfAborted();
  if (result.exitCode !== 0) {
    if (/No state file was found/i.test(result.stderr)) return [];
    throw initFailure(root, result);
  }
  return result.stdout.split('\n').filter((line) => line !== '' && !/(^|\.)data\./.test(line));
}
