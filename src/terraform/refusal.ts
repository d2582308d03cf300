import { DeployError, truncatedList } from '../core/index.ts';
import type { PlanFinding } from './plan-review.ts';

/** A finding on one line: what happens to which resource, and what that means. */
export function findingText({ address, action, why }: PlanFinding): string {
  return `${address} ${action}: ${why}`;
}

/** How many resources a sentence names. */
const named = 3;

/** The failure for a plan that is not applied: each resource with the reason, and what allows it. */
export function planRefused(refused: readonly PlanFinding[]): DeployError {
  const addresses = [...new Set(refused.map(({ address }) => address))];
  const remedies = [...new Set(refused.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy])))];
  return new DeployError({
    reason: 'plan-refused',
    message: `the plan takes away what serves, holds data or leads back, and nobody asked for that: ${truncatedList(addresses, named)}`,
    evidence: [
      ...refused.map(({ address, action, why }) => ({ label: address, text: `${action}: ${why}` })),
      {
        label: 'if it is meant',
        text: ['allow-destroy: |', ...addresses.map((each) => `  ${each}`)].join('\n'),
      },
    ],
    left: 'The plan was not applied: infrastructure and instances are as they were.',
    next: `${remedies.length === 0 ? 'change the root so that these stay' : remedies.join('; ')}; what is meant is allowed by the lines above, in this step. Then run this job again`,
  });
}
