import { describe, expect, it } from '@jest/globals';
import type { Fleets } from '../../src/rollout/index.ts';
import { environmentOf, imageOfVersion, refresh } from '../environment/helpers.ts';
import { failing, runMain, shop } from '../support/run-main.ts';
import type { Surroundings } from '../support/run-main.ts';

describe('destroy', () => {
  const told = { ...shop, command: 'destroy', 'confirm-destroy': 'shop-prod' };
  const now = environmentOf([3], {});
  const balancer = {
    address: 'aws_lb.main',
    type: 'aws_lb',
    before: { arn: 'arn:lb', enable_deletion_protection: true },
  };
  const database = {
    address: 'aws_db_instance.main[0]',
    type: 'aws_db_instance',
    before: {
      skip_final_snapshot: false,
      final_snapshot_identifier: 'shop-prod-final',
      deletion_protection: false,
      ...{ identifier: 'shop-prod', delete_automated_backups: false, backup_retention_period: 30 },
    },
  };

  const bucket = (name: string, forceDestroy: boolean) => ({
    address: `aws_s3_bucket.${name}`,
    type: 'aws_s3_bucket',
    before: { bucket: name, force_destroy: forceDestroy },
  });

  const group = (forceDelete: boolean) => ({
    address: 'aws_autoscaling_group.service',
    type: 'aws_autoscaling_group',
    before: { name: 'shop-prod', force_delete: forceDelete },
  });
  const withProtection = (deletionProtection: 'prevent-force-deletion' | 'prevent-all-deletion') => ({
    ...now,
    group: { ...now.group, deletionProtection },
  });

  /** The second of them is protected. */
  const twoGroups = (deletionProtection: 'prevent-all-deletion') => {
    const sides = [now.group, { ...now.group, name: 'shop-prod-green', deletionProtection }];
    return { state: { kind: 'steady' }, sides: sides.map((each) => ({ group: each })) } as unknown as Fleets;
  };

  it('empties a group first that may not be deleted with its instances', async () => {
    const environment = withProtection('prevent-force-deletion');
    const run = await runMain(told, {}, false, { environment, resources: [group(false)] });
    expect(run.outputs.status).toBe('destroyed');
  });

  it('is not begun without being told twice', async () => {
    const run = await runMain({ ...shop, command: 'destroy' });
    expect(run.story).toEqual([]);
    expect(run.told.at(-1)).toMatch(/confirm-destroy is empty; write shop-prod[^]*Nothing was touched/);
  });

  it('plans, shows, applies, and says what is left', async () => {
    const run = await runMain(told, {}, false, { environment: now, resources: [database] });
    expect(run.story).toEqual([
      ...['credentials', 'look', 'destroy', `image=${imageOfVersion(3)}`, 'plan', 'apply'],
    ]);
    expect(run.outputs.status).toBe('destroyed');
    expect(run.told.join('\n')).toMatch(
      /state bucket b:[^]*lock table t:[^]*registry [^]*snapshot shop-prod-final[^]*backups of database shop-prod: kept for 30 days/,
    );
    expect(run.summary).toContain('shop-prod-final');
    expect(run.told.at(-1)).toMatch(/^Destroyed prod of shop: its only resource is gone/);
    expect(run.told.join('\n')).not.toContain('parameters');
    expect(run.told.join('\n')).not.toContain('for good');
  });

  it('says which database is lost before it goes', async () => {
    const bare = { ...database, before: { identifier: 'shop-dev', skip_final_snapshot: true } };
    const run = await runMain(told, {}, false, { environment: now, resources: [bare] });
    const text = run.told.join('\n');
    expect(text).toMatch(/database shop-dev is deleted for good: no final snapshot[^]*What is left/);
    expect(text).not.toMatch(/database snapshot/);
  });

  it.each<[string, string[] | null, RegExp]>([
    [
      'names parameters that were made by hand',
      ['/shop/prod/BY_HAND', '/shop/prod/db/OTHER'],
      /parameters that Terraform did not make: \/shop\/prod\/BY_HAND, \/shop\/prod\/db\/OTHER: /,
    ],
    [
      'counts them when they are many',
      Array.from({ length: 12 }, (_, index) => `/shop/prod/P${index}`),
      /P9 and 2 more: /,
    ],
    ['says when it may not look for them', null, /under \/shop\/prod [^]*ssm:DescribeParameters/],
  ])('%s', async (_what, parameters, text) => {
    const run = await runMain(told, {}, false, { environment: now, resources: [database], parameters });
    expect(run.outputs.status).toBe('destroyed');
    expect(run.told.join('\n')).toMatch(text);
    expect(run.summary).toMatch(text);
  });

  it.each<[string, Surroundings, string, RegExp]>([
    [
      'something is protected',
      { environment: now, resources: [balancer] },
      'preflight',
      /aws_lb\.main[^]*arn:lb/,
    ],
    [
      'the group may not be deleted at all',
      { environment: withProtection('prevent-all-deletion'), resources: [group(false)] },
      'preflight',
      /aws_autoscaling_group\.service \(its deletion protection is prevent-all-deletion\)[^]*aws autoscaling update-auto-scaling-group --auto-scaling-group-name shop-prod --deletion-protection none/,
    ],
    [
      'the second group of two may not be deleted',
      {
        environment: { ...now, fleets: twoGroups('prevent-all-deletion') },
        resources: [group(false), { ...group(false), address: 'green', before: { name: 'shop-prod-green' } }],
      },
      'preflight',
      /refuse to delete green \(its deletion protection is prevent-all-deletion\)[^]*--auto-scaling-group-name shop-prod-green --deletion-protection none/,
    ],
    [
      'the group may not be deleted with its instances, which is how Terraform would',
      { environment: withProtection('prevent-force-deletion'), resources: [group(true)] },
      'preflight',
      /its deletion protection is prevent-force-deletion/,
    ],
    [
      'a bucket that Terraform may not empty holds objects',
      {
        environment: now,
        resources: [balancer, bucket('logs', false), bucket('cache', true), bucket('empty', false)],
        full: ['logs', 'cache'],
      },
      'preflight',
      /refuse to delete aws_lb\.main \(deletion[^,]*, aws_s3_bucket\.logs \(it holds objects[^,]*, [^,]*: destroying[^]*s3:\/\/logs --recursive/,
    ],
    [
      'such a bucket holds old versions, which removing every object leaves',
      {
        environment: now,
        resources: [bucket('state-versioned', false)],
        full: ['state-versioned'],
      },
      'preflight',
      /aws_s3_bucket\.state-versioned \(it holds versions of objects[^]*aws s3api delete-objects --bucket state-versioned [^]*list-object-versions/,
    ],
    [
      'a rollout is under way',
      { environment: { ...now, refreshes: [refresh({ id: 'r', version: '3', status: 'InProgress' })] } },
      'refresh-active',
      /instance refresh r/,
    ],
  ])('touches nothing when %s', async (_what, surroundings, reason, text) => {
    const run = await runMain(told, {}, false, surroundings);
    expect(run.outputs['failure-reason']).toBe(reason);
    expect(run.told.at(-1)).toMatch(text);
    expect(run.told.at(-1)).toContain('Nothing was touched.');
    expect(run.story).not.toContain('apply');
  });

  it('has nothing to do where nothing is', async () => {
    for (const surroundings of [{ missing: { bucket: 'b' } }, {}]) {
      const run = await runMain(told, {}, true, surroundings);
      expect(run.story).not.toContain('apply');
      expect(run.outputs.status).toBe('unchanged');
      expect(run.told.at(-1)).toMatch(/^Nothing to destroy/);
    }
  });

  it('is no success while the state holds something', async () => {
    const run = await runMain(told, {}, false, { environment: now, remaining: ['aws_lb.main'] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'failure-reason': 'terraform-apply' } });
  });

  it('says when it was cut short', async () => {
    const run = await runMain(told, { apply: failing('terraform-apply') }, false, { environment: now });
    expect(run.told.at(-1)).toContain('may have destroyed a part');
  });
});
