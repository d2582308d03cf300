import { expect } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actionOf } from '../../../local-cloud/iam/actions.ts';
import { ROOT } from '../../terraform/render.ts';
import type { Fleet } from './fleet.ts';

/**
 * Nothing was called that modules/rollout-policy does not grant.
 *
 * @param identity whose calls are looked at
 * @returns the calls, and the actions that they need
 */
export async function expectGranted(
  { control }: Fleet,
  identity: string,
): Promise<{ calls: number; needed: Set<string> }> {
  const policy = await readFile(join(ROOT, 'modules/rollout-policy/main.tf'), 'utf8');
  const granted = [...policy.matchAll(/"([a-z0-9]+:[A-Z]\w+)"/g)].map(([, action]) => action);
  const calls = (await control.calls()).filter((call) => call.identity === identity);
  const needed = new Set(calls.flatMap((call) => actionOf(call) ?? []));
  expect([...needed].filter((action) => !granted.includes(action))).toEqual([]);
  return { calls: calls.length, needed };
}
