import { randomBytes } from 'node:crypto';
import type { BlueGreenOutputs } from '../../core/index.ts';
import { bestEffort, type RolloutContext } from '../context/index.ts';
import type { RolloutSmokeTest } from '../smoke-test/index.ts';
import type { Cause } from '../verdict/index.ts';
import { bringAbout, propagation } from './settle.ts';
import type { Side } from './state.ts';

/**
 * Asks the new version alone, through a rule that only this run can pass. Unless that rule is seen to be open, requests
 * would go to the old version, and its answers would be taken for the new one's.
 *
 * @returns what condemns the version; undefined where nothing does
 */
export async function preview(
  context: RolloutContext,
  { previewRuleArn, previewHeader: header }: BlueGreenOutputs,
  { smokeTest, to }: { smokeTest: RolloutSmokeTest | undefined; to: Side },
): Promise<Cause | undefined> {
  const { api, clock, run } = context;
  const { targetGroupArn, serving } = to;
  const key = randomBytes(24).toString('hex');
  const set = (what: string, value: string | undefined) =>
    bringAbout(context, {
      what,
      // No answer is neither open nor closed.
      read: () =>
        bestEffort(context, 'see the preview rule', async () => ({
          key: await api.previewKey(previewRuleArn),
        })),
      isSo: (seen) => seen !== undefined && seen.key === value,
      bring: () => api.setPreview(previewRuleArn, { header, value, targetGroupArn }),
    });
  try {
    const refused = await set('open the preview rule', key);
    if (refused !== undefined) return { kind: 'refused', what: 'open the preview rule', said: refused };
    await clock.sleep(propagation, run.signal);
    const failure = await smokeTest?.preview({ [header]: key }, serving);
    return failure && { kind: 'smoke', failure };
  } finally {
    const open = await set('close the preview rule', undefined);
    if (open !== undefined)
      run.log.warning(`the preview rule is still open for who has this run's key: ${open}`);
  }
}
