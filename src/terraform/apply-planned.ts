import type { Run } from '../run/index.ts';
import { StalePlan } from './failures.ts';
import { planRefused } from './refusal.ts';
import type { Plan } from './root.ts';

/** How often a plan is made anew because another run applied its own in between. */
const plans = 5;

/**
 * Plans, and applies that very plan. Two runs at once may both have planned before one of them applies: what the other
 * one planned is out of date then, so that it plans again, on top of what the first one made.
 *
 * @returns whether there was anything to apply
 * @throws DeployError as plan and apply do, the last time that the plan was out of date included; `plan-refused` for a
 *   plan that takes away what nobody allowed it to
 */
export async function applyPlanned(
  { log, signal }: Pick<Run, 'log' | 'signal'>,
  makePlan: () => Promise<Plan>,
): Promise<boolean> {
  for (let made = 1; ; made += 1) {
    const plan = await makePlan();
    signal.throwIfAborted();
    if (!plan.changed) return false;
    if (plan.review.refused.length > 0) throw planRefused(plan.review.refused);
    try {
      await plan.apply();
      return true;
    } catch (error) {
      if (!(error instanceof StalePlan) || made === plans) throw error;
      log.line('Another run changed the infrastructure after this plan was made: planning again');
    }
  }
}
