import { DeployError, denialIn, errorText } from '../core/index.ts';
import type { Run } from '../run/index.ts';

/** A repository of ECR by its URI, without tag. */
export interface EcrRepository {
  uri: string;
  registryId: string;
  region: string;
  name: string;
}

/** Whether it is in another registry than the run's own: each account has one in each region. */
export function isElsewhere(
  { aws }: Run,
  { registryId, region }: Omit<EcrRepository, 'uri' | 'name'>,
): boolean {
  return registryId !== aws.accountId || region !== aws.region;
}

/** " of account 210987654321 in eu-west-1", as far as either is not this run's own. */
export function placeOf({ aws }: Run, { registryId, region }: Omit<EcrRepository, 'uri' | 'name'>): string {
  const account = registryId === aws.accountId ? '' : ` of account ${registryId}`;
  return `${account}${region === aws.region ? '' : ` in ${region}`}`;
}

/**
 * The failure of a run that may not use a repository elsewhere. Both accounts have to allow it, and AWS says whose policy
 * does not.
 * @param what it may not do: "it may not look at it"
 */
export function closedRepository(
  run: Run,
  repository: EcrRepository,
  what: string,
  cause: unknown,
): DeployError {
  const said = errorText(cause);
  return new DeployError({
    reason: 'image-missing',
    message: `repository ${repository.name}${placeOf(run, repository)} is closed to this job: ${what}`,
    evidence: [{ label: 'AWS said', text: said }],
    left: 'Nothing was touched.',
    next: `${toOpen(run, repository, denialIn(said)?.policy).join(', and ')}, and run this job again; docs/environments.md shows both sides`,
    cause,
  });
}

/** What an administrator runs where. */
function toOpen({ aws }: Run, { uri, registryId }: EcrRepository, policy: string | undefined): string[] {
  const here = `with "${uri}" in image_repositories`;
  if (registryId === aws.accountId) return [`apply terraform/bootstrap of ${aws.region} ${here}`];
  const there = `in account ${registryId}, apply terraform/bootstrap with "${aws.accountId}" in pull_accounts`;
  const own = `in account ${aws.accountId}, apply terraform/bootstrap ${here}`;
  if (policy === 'resource-based policy') return [there];
  return policy === undefined ? [there, own] : [own];
}
