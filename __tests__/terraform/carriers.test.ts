import { describe, expect, it } from '@jest/globals';
import { lossOf } from '../../src/terraform/carriers.ts';
import { resource } from './plan-documents.ts';

const severity = (type: string, before = {}) =>
  lossOf(resource(type, { actions: ['delete'], before }), 'destroyed')?.severity;

describe('what goes with a resource', () => {
  it.each([
    ...[
      'aws_lb',
      'aws_alb',
      'aws_elb',
      'aws_alb_target_group',
      'aws_autoscaling_attachment',
      'aws_nat_gateway',
    ],
    ...[
      'aws_dynamodb_table',
      'aws_efs_file_system',
      'aws_elasticache_replication_group',
      'aws_kms_key',
      'aws_ami',
    ],
    ...['aws_sqs_queue', 'aws_cloudwatch_log_group', 'aws_instance', 'aws_ebs_volume', 'aws_route53_record'],
    ...['google_sql_database', 'digitalocean_volume', 'cloudflare_record', 'aws_something_new_table'],
  ])('is traffic or data: %s', (type) => expect(severity(type)).toBe('refused'));

  it.each([
    'aws_route_table',
    'aws_security_group',
    'aws_iam_role',
    'aws_acm_certificate',
    'aws_launch_configuration',
    'random_password',
  ])('may be missed: %s', (type) => expect(severity(type)).toBe('warning'));

  it.each(['aws_ec2_transit_gateway_route_table', 'aws_cloudwatch_metric_alarm', 'datadog_monitor'])(
    'is not known: %s',
    (type) => expect(severity(type)).toBe('unknown'),
  );

  it.each(['terraform_data', 'null_resource', 'random_id', 'time_sleep', 'aws_ecs_task_definition'])(
    'is nothing: %s',
    (type) => expect(severity(type)).toBeUndefined(),
  );

  it.each<[Record<string, unknown>, RegExp]>([
    [{ skip_final_snapshot: true }, /everything in it, and without a final snapshot$/],
    [
      { skip_final_snapshot: false, final_snapshot_identifier: 'shop-final-1' },
      /in the final snapshot shop-final-1 alone$/,
    ],
    [{ skip_final_snapshot: false, final_snapshot_identifier: null }, /everything in it$/],
    [{}, /everything in it$/],
  ])('is a database, and the snapshot that is left of it with %j', (before, why) => {
    const loss = lossOf(resource('aws_db_instance', { actions: ['delete'], before }), 'destroyed');
    expect(loss).toMatchObject({ severity: 'refused', why: expect.stringMatching(why) as unknown });
  });

  it('depends on what a parameter or a record is for', () => {
    expect(severity('aws_ssm_parameter', { type: 'SecureString' })).toBe('refused');
    expect(severity('aws_ssm_parameter', { type: 'String' })).toBe('warning');
    expect(severity('aws_route53_record', { type: 'CNAME', name: '_x.shop.example' })).toBeUndefined();
    expect(severity('aws_route53_record', { type: 'SRV', name: '_sip._tcp.shop.example' })).toBe('refused');
  });
});
