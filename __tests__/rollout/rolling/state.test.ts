import { describe, expect, it } from '@jest/globals';
import type { GroupObservation, RefreshObservation } from '../../../src/rollout/model/observations.ts';
import { rollingState, rollingWords } from '../../../src/rollout/rolling/state.ts';
import { refresh } from '../../environment/helpers.ts';
import { group, instance } from '../helpers/observations.ts';

/** "41 41 42" → a group whose instances run these, and which launches `saved`. */
function running(versions: string, saved: string): GroupObservation {
  return group({
    template: { id: 'lt-1', name: 'shop', version: saved },
    instances: versions
      .split(' ')
      .map((text, index) => instance(`i-${index}`, { templateVersion: Number(text) })),
  });
}

const ended = (status: string, version: string, checkpoints?: number[]): RefreshObservation => ({
  ...refresh({ id: `to-${version}`, version, status }),
  ...(checkpoints && { preferences: { CheckpointPercentages: checkpoints } }),
});
const halfway = ended('Successful', '42', [20]);

describe('a group stands', () => {
  it.each<[string, GroupObservation, RefreshObservation[], string]>([
    ['steady with one version', running('41 41', '41'), [], 'steady'],
    ['steady where the last one got through', running('42 42', '42'), [ended('Successful', '42')], 'steady'],
    ['paused', running('41 41 41 41 42', '41'), [halfway], 'paused 42/41 1 of 5'],
    [
      'paused behind several checkpoints',
      running('41 42', '41'),
      [ended('Successful', '42', [20, 50])],
      'paused 42/41 1 of 2',
    ],
    ['paused with all of them new', running('42 42', '41'), [halfway], 'paused 42/41 2 of 2'],
    ['steady again where the new ones went', running('41 41', '41'), [halfway], 'steady'],
    [
      'paused again where what went on was rolled back',
      running('41 42', '41'),
      [ended('RollbackSuccessful', '42'), halfway],
      'paused 42/41 1 of 2',
    ],
    ['partly replaced', running('41 41 42', '42'), [halfway], 'partly-replaced 42/41 1 of 3'],
    [
      'partly replaced where a later one was cancelled before it began',
      running('41 41 42', '42'),
      [ended('Cancelled', '43', [20]), halfway],
      'partly-replaced 42/41 1 of 3',
    ],
    [
      'partly replaced over several versions',
      running('40 41 41 42', '42'),
      [halfway],
      'partly-replaced 42/41 1 of 4',
    ],
    ['interrupted', running('41 42', '41'), [ended('Cancelled', '42', [20])], 'interrupted 42/41 1 of 2'],
    [
      'interrupted where no checkpoint ended it',
      running('41 42', '41'),
      [ended('Successful', '42')],
      'interrupted 42/41 1 of 2',
    ],
    ['interrupted where AWS remembers nothing', running('41 42', '41'), [], 'interrupted 42/41 1 of 2'],
    [
      'steady with an instance that was left alone',
      running('41 42', '42'),
      [ended('Successful', '42')],
      'steady',
    ],
    ['moving', running('41 42', '41'), [ended('InProgress', '43'), halfway], 'moving 43/41'],
    ['steady without a numbered version', running('41 42', '$Latest'), [halfway], 'steady'],
  ])('%s', (_what, of, refreshes, expected) => {
    const state = rollingState(of, refreshes);
    const versions = 'version' in state ? ` ${state.version ?? '?'}/${state.previous ?? '?'}` : '';
    const counts = 'instances' in state ? ` ${state.instances} of ${state.of}` : '';
    expect(`${state.kind}${versions}${counts}`).toBe(expected);
  });

  it('counts what leaves, and what is of another template, for nothing', () => {
    const of = group({
      instances: [
        instance('i-1'),
        instance('i-2', { templateVersion: 42, lifecycleState: 'Terminating:Wait' }),
        instance('i-3', { templateVersion: 99, templateId: 'lt-other' }),
      ],
    });
    expect(rollingState(of, [halfway])).toEqual({ kind: 'steady' });
  });

  it('says so in words', () => {
    expect(rollingWords(rollingState(running('41 41 41 41 42', '41'), [halfway]))).toBe(
      'version 42 runs on 1 of 5 instances (20 %) and waits for a person; the group launches version 41',
    );
    expect(rollingWords(rollingState(running('41 42', '42'), [halfway]))).toMatch(
      /the group launches version 42$/,
    );
    expect(rollingWords(rollingState(running('41', '41'), [ended('InProgress', '42')]))).toMatch(
      /^instance refresh to-42 to version 42 is in progress/,
    );
  });
});
