import { expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformEvent } from '../../src/terraform/events.ts';
import { ownLockIn } from '../../src/terraform/own-lock.ts';

const event = (type: string, at = new Date()): TerraformEvent => ({
  ...{ type, '@message': '' },
  '@timestamp': at.toISOString(),
});

/** What is noted of a Terraform that writes these messages, when this is the lock that is read. */
async function noted(types: string[], read: () => Promise<string | undefined> = async () => 'l-1') {
  const ids: string[] = [];
  let reads = 0;
  const onEvent = ownLockIn(
    () => {
      reads += 1;
      return read();
    },
    (id) => ids.push(id),
  );
  for (const type of types) {
    onEvent(event(type));
    await sleep(3);
  }
  return { ids, reads };
}

it.each([
  ['a plan', ['version', 'refresh_start', 'refresh_complete', 'planned_change', 'change_summary']],
  ['an apply', ['version', 'planned_change', 'apply_start', 'apply_complete']],
])('is what is held between two messages of %s, and read once', async (_, types) => {
  expect(await noted(types)).toEqual({ ids: ['l-1'], reads: 1 });
});

it.each([
  ['waits for the lock', ['version', 'state_lock_acquire', 'diagnostic']],
  ['has said one thing only', ['version', 'planned_change']],
  ['may have given it back', ['planned_change', 'change_summary', 'outputs', 'log', 'diagnostic']],
])('is not known of a Terraform that %s', async (_, types) => {
  expect((await noted(types)).ids).toEqual([]);
});

it('is not known when it can not be read, or is none', async () => {
  const types = ['apply_start', 'apply_progress', 'apply_complete'];
  expect((await noted(types, () => Promise.reject(new Error('AccessDenied')))).ids).toEqual([]);
  expect((await noted(types, async () => undefined)).ids).toEqual([]);
});

it('is not proved by what was written before the answer, and read after it', async () => {
  const ids: string[] = [];
  const onEvent = ownLockIn(
    async () => 'l-2',
    (id) => ids.push(id),
  );
  const before = new Date();
  onEvent(event('planned_change', before));
  await sleep(5);
  onEvent(event('planned_change', before));
  expect(ids).toEqual([]);
});
