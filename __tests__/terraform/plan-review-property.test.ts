/**
 * Ten thousand plans, made of what plans are made of: nothing that destroys what carries traffic or data passes unasked,
 * and nothing else is held up. What has to be refused is known from how each plan was made.
 */
import { expect, it } from '@jest/globals';
import type { PlanDocument, ResourceChange } from '../../src/terraform/plan-document.ts';
import { needsReview, reviewPlan } from '../../src/terraform/plan-review.ts';
import { eventsOf, group } from './plan-documents.ts';

const plans = 10_000;
const secret = 'correct-horse-battery';

/** Mulberry32: the same plans every time. */
function randomFrom(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)] as T;
  return { next, pick, chance: (share: number) => next() < share };
}

type Random = ReturnType<typeof randomFrom>;

/** Types that carry traffic or data, chosen by what the AWS console calls a database, a store, a network or a way in. */
const precious = [
  ...['aws_launch_template', 'aws_lb', 'aws_alb', 'aws_elb', 'aws_lb_target_group', 'aws_lb_listener'],
  ...[
    'aws_lb_listener_rule',
    'aws_lb_target_group_attachment',
    'aws_autoscaling_attachment',
    'aws_route53_zone',
  ],
  ...['aws_cloudfront_distribution', 'aws_apigatewayv2_api', 'aws_globalaccelerator_accelerator', 'aws_eip'],
  ...[
    'aws_vpc',
    'aws_subnet',
    'aws_internet_gateway',
    'aws_nat_gateway',
    'aws_ecs_service',
    'aws_eks_cluster',
  ],
  ...[
    'aws_db_instance',
    'aws_rds_cluster',
    'aws_rds_cluster_instance',
    'aws_docdb_cluster',
    'aws_neptune_cluster',
  ],
  ...['aws_redshift_cluster', 'aws_dynamodb_table', 'aws_opensearch_domain', 'aws_elasticache_cluster'],
  ...['aws_elasticache_replication_group', 'aws_memorydb_cluster', 'aws_s3_bucket', 'aws_efs_file_system'],
  ...[
    'aws_efs_mount_target',
    'aws_fsx_lustre_file_system',
    'aws_ebs_volume',
    'aws_ecr_repository',
    'aws_sqs_queue',
  ],
  ...['aws_kinesis_stream', 'aws_msk_cluster', 'aws_mq_broker', 'aws_kms_key', 'aws_secretsmanager_secret'],
  ...['aws_cognito_user_pool', 'aws_cloudwatch_log_group', 'aws_ami', 'aws_ebs_snapshot', 'aws_backup_vault'],
  ...['aws_instance', 'aws_lambda_function', 'aws_cloudformation_stack', 'aws_timestreamwrite_table'],
];
const plain = [
  ...[
    'aws_cloudwatch_metric_alarm',
    'aws_iam_role',
    'aws_iam_role_policy',
    'aws_security_group',
    'aws_sns_topic',
  ],
  ...[
    'aws_vpc_security_group_ingress_rule',
    'aws_cloudwatch_dashboard',
    'aws_autoscaling_policy',
    'terraform_data',
  ],
  ...['aws_lb_listener_certificate', 'random_id', 'null_resource', 'aws_acm_certificate', 'aws_route_table'],
];
const actions = [
  ['no-op'],
  ['create'],
  ['update'],
  ['update'],
  ['delete'],
  ['delete', 'create'],
  ['create', 'delete'],
  ['forget'],
];

interface Made {
  change: ResourceChange;
  /** What would have to be allowed, in each of the ways in which it may be; undefined for what is no loss. */
  allowedBy: string[] | undefined;
}

/** Changes in place of the deployed group: whether they are refused follows from what each is. */
const groupMoves: [refused: boolean, after: Record<string, unknown>, unknown?: Record<string, unknown>][] = [
  [false, { max_size: 8 }],
  [false, { tag: [{ key: 'a', value: secret }] }],
  [false, { desired_capacity: 3 }],
  [true, { max_size: 3 }],
  [true, { desired_capacity: 0 }],
  [true, { launch_template: [{ id: 'lt-1', version: '4' }] }],
  [true, { launch_template: [{ id: 'lt-1' }] }, { launch_template: [{ version: true }] }],
  [true, { launch_template: [], launch_configuration: 'old' }],
  [true, { target_group_arns: [] }],
  [true, { instance_refresh: [{ strategy: 'Rolling', triggers: ['tag'] }], tag: [{ key: 'b' }] }],
];

function key(random: Random): string {
  return random.pick(['', '', '[0]', '[17]', '["blue"]', '["a,b"]', '["c.d[0]"]', '["e\\"f"]']);
}

function makeResource(random: Random, index: number): Made {
  const modules = Array.from(
    { length: random.pick([0, 0, 1, 2]) },
    (_, depth) => `module.m${depth}${key(random)}.`,
  );
  if (random.chance(0.1)) return makeGroup(random, index, modules.join(''));
  const valuable = random.chance(0.4);
  const type = random.pick(valuable ? precious : plain);
  const base = `${modules.join('')}${type}.r${index}`;
  const address = `${base}${key(random)}`;
  const done = random.pick(actions);
  const values = { name: `n${index}`, password: secret, tags: { note: secret }, bucket: `bucket-${secret}` };
  const change: ResourceChange = {
    ...{ address, mode: 'managed', type },
    ...(random.chance(0.05) && { deposed: '0123abcd' }),
    change: {
      actions: done,
      before: done[0] === 'create' && done.length === 1 ? null : values,
      after: done.includes('create') || done.includes('update') ? { ...values, name: 'x' } : null,
      before_sensitive: { password: true, tags: true, bucket: true },
      after_sensitive: { password: true, tags: true, bucket: true },
      ...(done.length === 2 && { replace_paths: [['name'], ['password']] }),
      ...(random.chance(0.1) && { importing: { id: secret } }),
    },
  };
  return { change, allowedBy: valuable && done.includes('delete') ? [address, base, type] : undefined };
}

function makeGroup(random: Random, index: number, modules: string): Made {
  const type = 'aws_autoscaling_group';
  const address = `${modules}${type}.g${index}`;
  const named = { address, mode: 'managed', type };
  if (random.chance(0.3)) {
    const done = random.pick([['delete'], ['delete', 'create'], ['create', 'delete']]);
    const change = {
      ...named,
      change: { actions: done, before: group, after: done.length === 1 ? null : group },
    };
    return { change, allowedBy: [address, type] };
  }
  const [refused, after, unknown = {}] = random.pick(groupMoves);
  const change = {
    actions: ['update'],
    before: group,
    after: { ...group, ...after },
    after_unknown: unknown,
  };
  return { change: { ...named, change }, allowedBy: refused ? [address, type] : undefined };
}

function makePlan(random: Random): { document: PlanDocument; allowed: string[]; expected: string[] } {
  const made = Array.from({ length: 1 + Math.floor(random.next() * 12) }, (_, index) =>
    makeResource(random, index),
  );
  const data: ResourceChange = {
    ...{ address: 'data.aws_vpc.main', mode: 'data', type: 'aws_vpc' },
    change: { actions: ['delete'], before: {}, after: null },
  };
  const allowed = [
    ...made.flatMap(({ allowedBy }) =>
      allowedBy !== undefined && random.chance(0.3) ? [random.pick(allowedBy)] : [],
    ),
    ...(random.chance(0.2) ? ['aws_lb.nobody', 'aws_redshift_clusters'] : []),
  ];
  const expected = made.flatMap(({ change: { address }, allowedBy }) =>
    allowedBy === undefined || allowedBy.some((entry) => allowed.includes(entry)) ? [] : [address],
  );
  const document = {
    resource_changes: [...made.map(({ change }) => change), ...(random.chance(0.2) ? [data] : [])],
    resource_drift: [],
    planned_values: { outputs: { autoscaling_group_name: { value: 'shop-prod' } } },
  };
  return { document, allowed, expected };
}

it(`refuses in ${plans} plans what nobody allowed, and nothing else`, () => {
  const random = randomFrom(20_261_127);
  let refusals = 0;
  for (let plan = 1; plan <= plans; plan += 1) {
    const { document, allowed, expected } = makePlan(random);
    const review = reviewPlan(document, allowed);
    const refused = [...new Set(review.refused.map(({ address }) => address))];
    // The name of a bucket is for asking S3 what it holds, and is never shown.
    const told = JSON.stringify(review, (name, value: unknown) => (name === 'bucket' ? undefined : value));
    if (
      refused.toSorted().join('\n') !== expected.toSorted().join('\n') ||
      (expected.length > 0 && !needsReview(eventsOf(document))) ||
      told.includes(secret)
    )
      throw new Error(`plan ${plan}: ${JSON.stringify({ document, allowed, expected, review }, null, 1)}`);
    refusals += expected.length;
  }
  // The plans are not all harmless.
  expect(refusals).toBeGreaterThan(plans / 2);
});

it('names each of 500 resources that is refused', () => {
  const random = randomFrom(1);
  const made = Array.from({ length: 500 }, (_, index) => makeResource(random, index));
  const { refused } = reviewPlan({ resource_changes: made.map(({ change }) => change) }, []);
  expect(new Set(refused.map(({ address }) => address)).size).toBe(
    made.filter(({ allowedBy }) => allowedBy !== undefined).length,
  );
});
