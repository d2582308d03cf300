import { describe, expect, it } from '@jest/globals';
import { readSavedState, saveState } from '../../src/github/saved-state.ts';
import type { SavedState } from '../../src/github/saved-state.ts';

/** What the post step's environment is after these were saved, one after the other. */
function environmentAfter(...states: Partial<SavedState>[]): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  const toolkit = {
    debug: () => undefined,
    saveState: (name: string, value: unknown) => void (environment[`STATE_${name}`] = String(value)),
  };
  for (const state of states) saveState(toolkit, state);
  return environment;
}

const nothing: SavedState = {
  temporaryDirectory: undefined,
  started: undefined,
  phase: undefined,
  rollout: undefined,
  lock: undefined,
  deployment: undefined,
};
const all: SavedState = {
  temporaryDirectory: '/tmp/asg-deploy-x',
  started: 1_700_000_000_000,
  phase: 'plan-destruction',
  rollout: { group: 'shop-prod', templateId: 'lt-1', version: 2, started: 1 },
  lock: { key: 'shop/prod/terraform.tfstate', id: '0f3c', pid: 4711 },
  deployment: {
    id: 500,
    end: { state: 'success', description: 'deployed', url: 'http://shop.example', replacesOthers: true },
  },
};

describe('saved state', () => {
  it('comes back from the runner as it was given', () => {
    expect(readSavedState(environmentAfter(all))).toEqual(all);
    expect(readSavedState(environmentAfter({ phase: 'image' }, { started: 5 }))).toEqual({
      ...nothing,
      phase: 'image',
      started: 5,
    });
  });

  it('is taken back with undefined', () => {
    expect(readSavedState(environmentAfter(all, nothing))).toEqual(nothing);
  });

  it.each([
    {},
    { 'STATE_temporary-directory': '', STATE_started: '', STATE_phase: '', STATE_rollout: '' },
    { 'STATE_temporary-directory': '/tmp/x', STATE_started: 'x', STATE_phase: 'plan', STATE_rollout: '{' },
    { 'STATE_temporary-directory': '1', STATE_started: '"1"', STATE_phase: '"tea"', STATE_rollout: 'null' },
    { STATE_phase: '"toString"', STATE_rollout: '{"group":"shop-prod","templateId":"lt-1"}' },
    { STATE_deployment: '500' },
    { STATE_deployment: '{"id":500,"end":{}}' },
  ])('that is missing, unknown or broken was not saved: %j', (environment) => {
    expect(readSavedState(environment)).toEqual(nothing);
  });
});
