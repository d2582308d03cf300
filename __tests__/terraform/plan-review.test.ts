import { describe, expect, it } from '@jest/globals';
import type { Change } from '../../src/terraform/plan-document.ts';
import { needsReview, reviewPlan, typeOf } from '../../src/terraform/plan-review.ts';
import { planRefused } from '../../src/terraform/refusal.ts';
import {
  destroy,
  documentOf,
  eventsOf,
  group,
  groupChange,
  newFirst,
  noOp,
  oldFirst,
  resource,
  summary,
} from './plan-documents.ts';

const texts = (findings: readonly { address: string; action: string; why: string }[]) =>
  findings.map(({ address, action, why }) => `${address} ${action}: ${why}`);

describe('a plan that takes away what serves or holds data', () => {
  it.each<[string, Partial<Change>, RegExp]>([
    ['aws_autoscaling_group', { actions: destroy }, /is destroyed: all of its instances are terminated$/],
    [
      'aws_autoscaling_group',
      { actions: newFirst, replace_paths: [['name']] },
      /is replaced because of its name, the new one first: all of its instances are terminated as soon as/,
    ],
    [
      'aws_launch_template',
      { actions: oldFirst },
      /the old one first: it is deleted before the new one exists/,
    ],
    [
      'aws_launch_template',
      { actions: newFirst },
      /the new one first: its id changes, so that Terraform itself moves/,
    ],
    ['aws_lb_target_group', { actions: newFirst }, /the new one is empty: nothing serves until/],
    [
      'aws_lb',
      { actions: oldFirst },
      /nothing answers until the new one is there, and it has another address/,
    ],
    ['aws_lb_listener', { actions: destroy }, /nothing answers on its port any more/],
    [
      'aws_db_instance',
      { actions: oldFirst },
      /the database is deleted, with everything in it; the new one begins empty/,
    ],
    ['aws_rds_cluster', { actions: destroy }, /the database is deleted, with everything in it$/],
    ['aws_s3_bucket', { actions: destroy, before: { bucket: 'logs' } }, /its objects are deleted with it/],
    ['aws_vpc', { actions: destroy }, /loses its network/],
    ['aws_ecr_repository', { actions: destroy }, /its images are deleted/],
    ['aws_ssm_parameter', { actions: destroy, before: { type: 'SecureString' } }, /the secret in it is lost/],
    ['mongodbatlas_cluster', { actions: destroy }, /by its name it holds data/],
    ['hcloud_load_balancer', { actions: destroy }, /by its name it carries requests/],
  ])('is refused, with the reason: %s %j', (type, change, said) => {
    const { refused, warnings } = reviewPlan(documentOf(resource(type, change)), []);
    expect(texts(refused)).toEqual([expect.stringMatching(said)]);
    expect(warnings).toEqual([]);
  });

  it('is refused for the bundled database with the line that keeps it, where a run has left that out', () => {
    const address = 'module.service.aws_db_instance.main[0]';
    const { refused } = reviewPlan(
      documentOf(resource('aws_db_instance', { actions: destroy }, { address })),
      [],
    );
    expect(planRefused(refused).next).toMatch(/^if the database is to stay, .*`database = {}`/);
    const replaced = resource('aws_db_instance', { actions: oldFirst }, { address });
    expect(planRefused(reviewPlan(documentOf(replaced), []).refused).next).not.toContain('database = {}');
  });

  it('is refused for a deposed object, which may hold data as well', () => {
    const deposed = resource('aws_db_instance', { actions: destroy }, { deposed: 'byebye01' });
    expect(texts(reviewPlan(documentOf(deposed), []).refused)).toEqual([
      expect.stringContaining('is destroyed (deposed object byebye01, left by an interrupted replacement)'),
    ]);
  });

  it.each<[string, string[]]>([
    ['its address', ['module.data["a.b"].aws_db_instance.main[0]']],
    ['its address without the last key', ['module.data["a.b"].aws_db_instance.main']],
    ['its type', ['aws_db_instance']],
  ])('is allowed by %s, and still told', (_by, allowed) => {
    const address = 'module.data["a.b"].aws_db_instance.main[0]';
    const review = reviewPlan(
      documentOf(resource('aws_db_instance', { actions: oldFirst }, { address })),
      allowed,
    );
    expect(review).toMatchObject({ refused: [], unused: [], warnings: [{ address }] });
    expect(review.warnings[0]?.why).toMatch(/ \(allowed\)$/);
  });

  it('is not allowed by another address or type, which are said to do nothing', () => {
    const allowed = ['aws_db_instance.other', 'aws_db', 'module.data.aws_db_instance.main'];
    const review = reviewPlan(documentOf(resource('aws_db_instance', { actions: oldFirst })), allowed);
    expect(review.refused).toHaveLength(1);
    expect(review.unused).toEqual(allowed);
  });
});

describe('a plan that takes nothing away', () => {
  it.each([
    ['does nothing', resource('aws_db_instance', { actions: noOp })],
    ['changes in place', resource('aws_launch_template', {})],
    ['creates', resource('aws_lb', { actions: ['create'], before: null })],
    ['moves', resource('aws_lb', { actions: noOp }, { address: 'module.a.aws_lb.new' })],
    ['imports', resource('aws_lb', { actions: noOp, importing: { id: 'x' } })],
    ['reads', resource('aws_vpc', { actions: ['read'] }, { mode: 'data' })],
    ['replaces what nobody misses', resource('terraform_data', { actions: oldFirst })],
    ['replaces a task definition', resource('aws_ecs_task_definition', { actions: oldFirst })],
    [
      'destroys the proof of a domain',
      resource('aws_route53_record', { actions: destroy, before: { type: 'CNAME', name: '_a.b' } }),
    ],
  ])('finds nothing: %s', (_what, change) => {
    expect(reviewPlan(documentOf(change), [])).toEqual({
      ...{ refused: [], warnings: [], others: [], groups: [], unused: [] },
    });
  });

  it('forgets what it leaves: that is a warning', () => {
    const { refused, warnings } = reviewPlan(documentOf(resource('aws_lb', { actions: ['forget'] })), []);
    expect(refused).toEqual([]);
    expect(texts(warnings)).toEqual([expect.stringMatching(/is forgotten: it stays on AWS/)]);
  });

  it('says the rest: what may be missed, and what nobody here knows', () => {
    const review = reviewPlan(
      documentOf(
        resource('aws_security_group', { actions: destroy }),
        resource('aws_ssm_parameter', { actions: destroy, before: { type: 'String' } }),
        resource('datadog_monitor', { actions: destroy }),
      ),
      [],
    );
    expect(review.refused).toEqual([]);
    expect(review.warnings.map(({ address }) => address)).toEqual([
      'aws_security_group.main',
      'aws_ssm_parameter.main',
    ]);
    expect(review.others).toEqual(['datadog_monitor.main']);
  });
});

describe('the groups of a plan', () => {
  it('are told apart: another one may be moved as its root likes', () => {
    const launch_template = [{ id: 'lt-1', name: 'shop', version: '4' }];
    const moved = groupChange({ launch_template });
    const before = { ...group, name: 'workers' };
    const other = resource(
      'aws_autoscaling_group',
      { before, after: { ...before, launch_template } },
      { address: 'aws_autoscaling_group.workers' },
    );
    const { refused, groups } = reviewPlan(documentOf(moved, other), []);
    expect(refused.map(({ address }) => address)).toEqual(['aws_autoscaling_group.main']);
    // A move by itself starts and ends nothing.
    expect(groups).toEqual([]);
  });

  it('are both deployed with blue/green', () => {
    const before = { ...group, name: 'shop-green' };
    const launch_template = [{ id: 'lt-1', name: 'shop', version: '4' }];
    const green = resource('aws_autoscaling_group', { before, after: { ...before, launch_template } });
    const document = documentOf(green);
    expect(reviewPlan(document, []).refused).toEqual([]);
    const groups = [{ autoscaling_group_name: group.name }, { autoscaling_group_name: 'shop-green' }];
    const outputs = { ...document.planned_values?.outputs, blue_green: { value: { groups } } };
    expect(reviewPlan({ ...document, planned_values: { outputs } }, []).refused).toHaveLength(1);
  });

  it('are all looked at where the name of the deployed one is not known yet', () => {
    const document = documentOf(groupChange({ launch_template: [{ id: 'lt-1', version: '4' }] }));
    expect(reviewPlan({ ...document, planned_values: {} }, []).refused).toHaveLength(1);
  });

  it('are named where the apply itself starts or ends instances, allowed or not', () => {
    const document = documentOf(groupChange({ max_size: 3 }));
    expect(reviewPlan(document, ['aws_autoscaling_group'])).toMatchObject({
      refused: [],
      groups: ['aws_autoscaling_group.main'],
    });
  });
});

it('warns of what Terraform has learnt to do since, and does not refuse it', () => {
  const { refused, warnings } = reviewPlan(
    documentOf(resource('aws_db_instance', { actions: ['evict'] })),
    [],
  );
  expect(refused).toEqual([]);
  expect(warnings).toMatchObject([
    {
      address: 'aws_db_instance.main',
      action: 'is to "evict"',
      why: expect.stringContaining('does not know'),
    },
  ]);
});

describe('needsReview', () => {
  it('leaves the deployment of a new image alone', () => {
    const usual = documentOf(
      resource('aws_launch_template', {}),
      resource('aws_lb', { actions: ['create'], before: null }),
      resource('aws_ssm_parameter', {}),
    );
    expect(needsReview(eventsOf(usual))).toBe(false);
    expect(needsReview([summary])).toBe(false);
  });

  it('reads a plan whose events were cut, for what it does is not known', () => {
    expect(needsReview([])).toBe(true);
    const [first = summary] = eventsOf(documentOf(resource('aws_launch_template', {})));
    expect(first.type).toBe('planned_change');
    expect(needsReview([first])).toBe(true);
  });

  it.each(['module.a["x.y"].module.b[0].aws_autoscaling_group.main', 'aws_autoscaling_group.main["a"]'])(
    'knows a type by its address where the event does not say it: %s',
    (addr) => {
      expect(typeOf(addr)).toBe('aws_autoscaling_group');
      const change = { resource: { addr }, action: 'update' };
      expect(needsReview([{ type: 'planned_change', '@message': '', change }, summary])).toBe(true);
    },
  );
});
