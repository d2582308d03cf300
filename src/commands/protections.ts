import { DeployError } from '../core/index.ts';
import type { Environment } from '../environment/index.ts';
import type { Plan, PlannedResource } from '../terraform/index.ts';
import type { CommandContext } from './context.ts';

/** What AWS would refuse to delete: why, and what a person runs so that it no longer does. */
export interface ProtectedResource {
  address: string;
  why: string;
  remedy: string;
}

interface Protection {
  attribute: string;
  /** How a person takes it away, for the attributes that the resource has. */
  remedy: (attributes: Record<string, unknown>) => string;
}

const balancer: Protection = {
  attribute: 'enable_deletion_protection',
  remedy: ({ arn }) =>
    `aws elbv2 modify-load-balancer-attributes --load-balancer-arn ${String(arn)} --attributes Key=deletion_protection.enabled,Value=false`,
};

const clusterOf = (service: string): Protection => ({
  attribute: 'deletion_protection',
  remedy: ({ cluster_identifier: identifier }) =>
    `aws ${service} modify-db-cluster --db-cluster-identifier ${String(identifier)} --no-deletion-protection --apply-immediately`,
});

/** The attributes of the AWS provider with which AWS refuses a deletion. */
const protections: Record<string, Protection> = {
  aws_lb: balancer,
  aws_alb: balancer,
  aws_db_instance: {
    attribute: 'deletion_protection',
    remedy: ({ identifier }) =>
      `aws rds modify-db-instance --db-instance-identifier ${String(identifier)} --no-deletion-protection --apply-immediately`,
  },
  aws_rds_cluster: clusterOf('rds'),
  aws_docdb_cluster: clusterOf('docdb'),
  aws_neptune_cluster: clusterOf('neptune'),
  aws_dynamodb_table: {
    attribute: 'deletion_protection_enabled',
    remedy: ({ name }) =>
      `aws dynamodb update-table --table-name ${String(name)} --no-deletion-protection-enabled`,
  },
};

/** What has its protection on. Pure. */
export function protectedResources(resources: readonly PlannedResource[]): ProtectedResource[] {
  return resources.flatMap(({ address, type, before }) => {
    const protection = Object.hasOwn(protections, type) ? protections[type] : undefined;
    if (protection === undefined || before[protection.attribute] !== true) return [];
    return [{ address, why: 'deletion protection is on', remedy: protection.remedy(before) }];
  });
}

/**
 * The group, where its deletion protection is on: of that Terraform may know nothing (an AWS provider that is older than
 * it). A group that is emptied first is deleted all the same with prevent-force-deletion. Pure.
 */
export function protectedGroup(
  resources: readonly PlannedResource[],
  { name, deletionProtection }: Pick<Environment['group'], 'name' | 'deletionProtection'>,
): ProtectedResource[] {
  if (deletionProtection === undefined) return [];
  const own = resources.filter(
    ({ type, before }) =>
      type === 'aws_autoscaling_group' &&
      before.name === name &&
      (before.force_delete === true || deletionProtection === 'prevent-all-deletion'),
  );
  return own.map(({ address }) => ({
    address,
    why: `its deletion protection is ${deletionProtection}`,
    remedy: `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${name} --deletion-protection none`,
  }));
}

/** All groups of an environment; with blue/green there are two. */
function groupsOf(environment: Environment | undefined): Environment['group'][] {
  if (environment === undefined) return [];
  return environment.fleets?.sides.map(({ group }) => group) ?? [environment.group];
}

const objects = ['aws_s3_object', 'aws_s3_bucket_object', 'aws_s3_object_copy'];

/**
 * Buckets that Terraform may not empty, by name, with their addresses. One whose objects it deletes as well is left out:
 * what will be in it then can't be seen before. Pure.
 */
export function keptBuckets(resources: readonly PlannedResource[]): Map<string, string> {
  const emptied = resources
    .filter(({ type }) => objects.includes(type))
    .map(({ before }) => String(before.bucket));
  const kept = resources.filter(
    ({ type, before }) =>
      type === 'aws_s3_bucket' && before.force_destroy !== true && !emptied.includes(String(before.bucket)),
  );
  return new Map(kept.map(({ address, before }) => [String(before.bucket), address]));
}

/** Buckets with objects in them, such as the access logs of a load balancer: S3 deletes none of those. */
async function fullBucketsOf(
  { run, stages }: CommandContext,
  resources: readonly PlannedResource[],
): Promise<ProtectedResource[]> {
  const buckets = keptBuckets(resources);
  const full = buckets.size === 0 ? [] : await stages.fullBuckets(run, [...buckets.keys()]);
  return full.map((bucket) => ({
    address: buckets.get(bucket) ?? bucket,
    why: 'it holds objects, and force_destroy is off',
    remedy: `aws s3 rm s3://${bucket} --recursive`,
  }));
}

/**
 * Looks for what would stop a destruction halfway.
 *
 * @throws DeployError `preflight` with the command that allows each deletion
 */
export async function refuseProtected(
  context: CommandContext,
  resources: readonly PlannedResource[],
  environment: Environment | undefined,
): Promise<void> {
  const held = [
    ...protectedResources(resources),
    ...groupsOf(environment).flatMap((group) => protectedGroup(resources, group)),
    ...(await fullBucketsOf(context, resources)),
  ];
  if (held.length > 0)
    throw refusedBy(held, {
      rest: 'destroying the rest would leave half an environment',
      left: 'Nothing was touched.',
    });
}

/** What a plan would delete, or replace, and AWS would not. */
export async function protectedIn(
  context: CommandContext,
  { summary, destroyed }: Pick<Plan, 'summary' | 'destroyed'>,
): Promise<ProtectedResource[]> {
  if (summary.destroy === 0) return [];
  const resources = await destroyed();
  return [...protectedResources(resources), ...(await fullBucketsOf(context, resources))];
}

/**
 * Looks for what would stop a deployment halfway: Terraform deletes the listeners before AWS refuses to delete their load
 * balancer.
 *
 * @throws DeployError `preflight` with the command that allows each deletion
 */
export async function refuseToDestroyProtected(
  context: CommandContext,
  plan: Pick<Plan, 'summary' | 'destroyed'>,
): Promise<void> {
  const held = await protectedIn(context, plan);
  if (held.length > 0)
    throw refusedBy(held, {
      rest: 'the apply would stop halfway, with what goes before it gone',
      left: 'The plan was not applied: infrastructure and instances are as they were.',
    });
}

function refusedBy(
  held: readonly ProtectedResource[],
  { rest, left }: { rest: string; left: string },
): DeployError {
  const listed = held.map(({ address, why }) => `${address} (${why})`);
  return new DeployError({
    reason: 'preflight',
    message: `AWS would refuse to delete ${listed.join(', ')}: ${rest}`,
    evidence: held.map(({ address, remedy }) => ({ label: address, text: remedy })),
    left,
    next: 'run the command beside each, knowingly, then run this job again',
  });
}
