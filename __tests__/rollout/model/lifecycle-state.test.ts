import { LifecycleState } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from '@jest/globals';
import { isRetained, isTerminating } from '../../../src/rollout/model/instance.ts';
import { lifecycleMeaning } from '../../../src/rollout/model/lifecycle-state.ts';

describe('lifecycleMeaning', () => {
  it.each(Object.values(LifecycleState))('knows %s, which AWS has today', (lifecycleState) => {
    const { words } = lifecycleMeaning(lifecycleState);
    expect(words).not.toBe(lifecycleState);
  });

  it.each([
    ['Pending', 'coming', 'starting'],
    ['Pending:Wait', 'held', 'held by a launch hook'],
    ['InService', 'serving', 'in service'],
    ['EnteringStandby', 'aside', 'in Standby'],
    ['Terminating:Proceed', 'leaving', 'gone'],
    ['Detached', 'leaving', 'gone'],
    ['Terminating:Retained', 'retained', 'kept by the instance lifecycle policy'],
    ['ReplacingRootVolume:Wait', 'changing', 'its root volume is being replaced'],
    ['RootVolumeReplaced', 'changing', 'starting from another root volume'],
    ['Warmed:Stopped', 'pooled', 'in the warm pool'],
    ['Warmed:Terminating', 'leaving', 'gone'],
    // What AWS adds tomorrow.
    ['Pondering', 'coming', 'Pondering'],
    ['Terminating:Slowly', 'leaving', 'Terminating:Slowly'],
  ])('%s is %s: %s', (state, kind, words) => {
    expect(lifecycleMeaning(state)).toEqual({ kind, words });
  });
});

describe('an instance', () => {
  it.each<[string, boolean, boolean]>([
    ['InService', false, false],
    ['Standby', false, false],
    ['ReplacingRootVolume', false, false],
    ['Terminating:Wait', true, false],
    ['Detaching', true, false],
    ['Terminating:Retained', true, true],
    ['Warmed:Pending:Retained', true, true],
  ])('%s counts for nothing: %s; stays until somebody ends it: %s', (lifecycleState, leaves, stays) => {
    expect([isTerminating({ lifecycleState }), isRetained({ lifecycleState })]).toEqual([leaves, stays]);
  });
});
