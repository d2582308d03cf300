import { describe, expect, it } from '@jest/globals';
import { lossyTypes, lossyUpdate } from '../../src/terraform/lossy-updates.ts';
import type { Attributes } from '../../src/terraform/plan-document.ts';

const forward = (...arns: string[]): Attributes => ({
  default_action: [
    { type: 'forward', target_group_arn: '', forward: [{ target_group: arns.map((arn) => ({ arn })) }] },
  ],
});

describe('a change in place that takes something away', () => {
  it.each<[string, Attributes, Attributes, string]>([
    ['aws_db_instance', { backup_retention_period: 7 }, { backup_retention_period: 0 }, 'refused'],
    ['aws_db_instance', { backup_retention_period: 7 }, { backup_retention_period: 1 }, 'warning'],
    ['aws_kms_key', { is_enabled: true }, { is_enabled: false }, 'refused'],
    ['aws_cloudfront_distribution', { enabled: true }, { enabled: false }, 'refused'],
    ['aws_dynamodb_table', { replica: [{}, {}] }, { replica: [{}] }, 'refused'],
    ['aws_cloudwatch_log_group', { retention_in_days: 0 }, { retention_in_days: 7 }, 'warning'],
    ['aws_lb_listener', forward('a', 'b'), forward('b'), 'warning'],
    ['aws_lb_listener', forward('a'), { default_action: [{ type: 'fixed-response' }] }, 'warning'],
  ])('is told: %s %j → %j', (type, before, after, severity) => {
    expect(lossyTypes).toContain(type);
    expect(lossyUpdate(type, { actions: ['update'], before, after })).toMatchObject({ severity });
    // The way back takes nothing away.
    if (type !== 'aws_lb_listener')
      expect(lossyUpdate(type, { actions: ['update'], before: after, after: before })).toBeUndefined();
  });

  it.each<[string, Attributes, Attributes, Attributes]>([
    ['aws_db_instance', { backup_retention_period: 7 }, {}, { backup_retention_period: true }],
    ['aws_lb_listener', forward('a'), forward('a', 'b'), {}],
    ['aws_lb_listener', forward('a'), { default_action: [{}] }, { default_action: [{ forward: true }] }],
    ['aws_lb', { enable_deletion_protection: true }, { enable_deletion_protection: false }, {}],
  ])('is nothing: %s %j → %j', (type, before, after, after_unknown) => {
    expect(lossyUpdate(type, { actions: ['update'], before, after, after_unknown })).toBeUndefined();
  });
});
