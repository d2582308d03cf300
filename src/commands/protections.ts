import { DeployError } from '../core/index.ts';
import type { Environment, FullBucket } from '../environment/index.ts';
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

/** Buckets that Terraform may not empty, by name. Pure. */
export function keptBuckets(resources: readonly PlannedResource[]): Map<string, string> {
  const kept = resources.filter(
    ({ type, before }) => type === 'aws_s3_bucket' && before.force_destroy !== true,
  );
  return new Map(kept.map(({ address, before }) => [String(before.bucket), address]));
}

/** How a person empties a bucket; deleting by version is a thousand at a time (S3, DeleteObjects). */
function emptyingOf({ name, holds }: FullBucket): string {
  if (holds === 'objects') return `aws s3 rm s3://${name} --recursive`;
  const thousand = `$(aws s3api list-object-versions --bucket ${name} --max-items 1000 --output json --query '{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}')`;
  return `aws s3api delete-objects --bucket ${name} --delete "${thousand}" (deletes 1,000 versions: repeat it while there are more)`;
}

/**
 * Looks for what would stop a destruction halfway. S3 deletes no bucket with objects in it, such as the access logs
 * of a load balancer.
 *
 * @throws DeployError `preflight` with the command that allows each deletion
 */
export async function refuseProtected(
  { run, stages }: CommandContext,
  resources: readonly PlannedResource[],
  environment: Environment | undefined,
): Promise<void> {
  const buckets = keptBuckets(resources);
  const full = buckets.size === 0 ? [] : await stages.fullBuckets(run, [...buckets.keys()]);
  const held = [
    ...protectedResources(resources),
    ...groupsOf(environment).flatMap((group) => protectedGroup(resources, group)),
    ...full.map((bucket) => ({
      address: buckets.get(bucket.name) ?? bucket.name,
      why: `it holds ${bucket.holds === 'objects' ? 'objects' : 'versions of objects'}, and force_destroy is off`,
      remedy: emptyingOf(bucket),
    })),
  ];
  if (held.length > 0)
    throw refusedBy(held, {
      rest: 'destroying the rest would leave half an environment',
      left: 'Nothing was touched.',
    });
}

/** What a plan would delete, or replace, and AWS protects from that. */
export async function protectedIn({
  summary,
  destroyed,
}: Pick<Plan, 'summary' | 'destroyed'>): Promise<ProtectedResource[]> {
  return summary.destroy === 0 ? [] : protectedResources(await destroyed());
}

/**
 * Looks for what would stop a deployment halfway: Terraform deletes the listeners before AWS refuses to delete their load
 * balancer.
 *
 * @throws DeployError `preflight` with the command that allows each deletion
 */
export async function refuseToDestroyProtected(plan: Pick<Plan, 'summary' | 'destroyed'>): Promise<void> {
  const held = await protectedIn(plan);
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
