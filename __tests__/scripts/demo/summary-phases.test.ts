import { describe, expect, it } from '@jest/globals';
import { readPhases } from '../../../scripts/demo/summary-phases.ts';
import type { PhaseTime } from '../../../src/core/types.ts';
import { newRecord } from '../../../src/report/record.ts';
import { summaryOf } from '../../../src/report/summary.ts';

describe('readPhases', () => {
  it("reads the phases out of the action's own summary", () => {
    const phases: PhaseTime[] = [
      { name: 'image', seconds: 4.24 },
      { name: 'infrastructure', seconds: 65 },
      { name: 'rollout', seconds: 3720 },
    ];
    expect(readPhases(summaryOf(newRecord({ phases }), undefined, { now: Date.now() }))).toEqual([
      { name: 'image', seconds: 4.2 },
      { name: 'infrastructure', seconds: 65 },
      { name: 'rollout', seconds: 3720 },
    ]);
  });

  it('finds none where there are none', () => {
    expect(readPhases('')).toEqual([]);
    expect(readPhases(summaryOf(newRecord(), undefined, { now: Date.now() }))).toEqual([]);
  });
});
