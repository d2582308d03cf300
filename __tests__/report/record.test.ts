import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { newRecord, outcomeOf, whatWasLeft } from '../../src/report/record.ts';
import type { RunRecord } from '../../src/report/record.ts';
import { asked, failure, image, rollout } from './fixtures.ts';

describe('whatWasLeft', () => {
  it.each<[Partial<RunRecord>, RegExp]>([
    [{}, /^Nothing was touched\.$/],
    [{ phase: 'credentials' }, /^Nothing was touched\.$/],
    [{ phase: 'image' }, /^Infrastructure and instances were not touched\.$/],
    [{ phase: 'infrastructure', image }, /Terraform may have changed/],
    [{ phase: 'infrastructure', applied: true }, /still run what they ran before/],
    [{ phase: 'rollout', applied: true }, /a rollout of shop-prod may be under way/],
    [{ phase: 'rollout', rollout }, /The rollout had ended \(successful\)/],
  ])('%j', (record, text) => {
    expect(whatWasLeft(newRecord({ ...asked, ...record }))).toMatch(text);
  });
});

describe('outcomeOf', () => {
  const conclusion = { status: 'planned' as const, sentence: 'Planned.' };
  it.each<[Partial<RunRecord>, DeployError | undefined, string]>([
    [{ conclusion }, undefined, 'planned'],
    [{}, failure, 'failed'],
    [{ rollout: { ...rollout, status: 'rolled-back' } }, failure, 'rolled-back'],
    [{}, new DeployError({ reason: 'cancelled', message: 'x' }), 'cancelled'],
  ])('%#: %j', (record, error, outcome) => {
    expect(outcomeOf(newRecord({ ...asked, ...record }), error)).toBe(outcome);
  });
});
