import type { Diagnosis } from '../model/index.ts';
import type { SmokeFailure, SmokeTestUnmade } from '../smoke-test/index.ts';
import { addressOf, adviceFor, type SmokeTest } from '../smoke-test/index.ts';
import { nextOf, type Explanation } from './explanation.ts';

/** The diagnosis of a smoke test that failed. Pure. */
export function smokeDiagnosis(failure: SmokeFailure): Diagnosis {
  const explanation = explainSmokeTest(failure);
  return { ...explanation, next: nextOf(explanation) };
}

/** The diagnosis of a smoke test that could not be made. Pure. */
export function unmadeDiagnosis({ test, attempts, said, obstacle }: SmokeTestUnmade): Diagnosis {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  return {
    reason: 'unreachable',
    sentence: `the smoke test could not be made: this runner does not reach ${new URL(test.url).host}, in ${tries}; nothing is known against the version`,
    evidence: [
      { label: 'asked', text: addressOf(test) },
      { label: 'answer', text: said },
    ],
    next: `${adviceFor(obstacle)}; then see by hand that it answers, or deploy again`,
  };
}

/** The words for a smoke test that failed. Pure. */
export function explainSmokeTest({ test, attempts, said, share }: SmokeFailure): Explanation {
  const tries = attempts === 1 ? 'in 1 attempt' : `in ${attempts} attempts`;
  const [when, before] =
    share === undefined
      ? ['', []]
      : [
          ` while ${share.fresh} of ${share.all} serving instances ${share.fresh === 1 ? 'was' : 'were'} new`,
          [{ label: 'before the rollout', text: 'it answered as it should' }],
        ];
  return {
    reason: 'smoke-test',
    sentence: `the smoke test failed${when}: ${test.path} did not answer as it should ${tries} through the load balancer`,
    evidence: [
      { label: 'asked', text: addressOf(test) },
      { label: 'wanted', text: wanted(test) },
      { label: 'answer', text: said },
      ...before,
    ],
    remedy: 'see what the new version says at that path and why, and mend it',
    rerun: true,
  };
}

/** "HTTP 200-299, with "ok" in the body" */
function wanted({ statuses, body }: SmokeTest): string {
  const ranges = statuses.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return `HTTP ${ranges.join(', ')}${body === undefined ? '' : `, with ${JSON.stringify(body)} in the body`}`;
}
