/** Whether a call may be made: what it needs, held against the policies of who makes it. */
import type { ApiCall, ApiError, Authorize } from '../gateway/index.ts';
import { ADMINISTRATOR_ACCESS, type Caller, callerOf, type CallerSources } from './callers.ts';
import { contextOf } from './context.ts';
import { evaluate } from './evaluate.ts';
import type { Inventory } from './inventory.ts';
import { needsOf, type Need } from './needs.ts';
import { refusal, shownResource } from './refusals.ts';
import { resourcesOf, textsIn } from './resources.ts';
import type { Usage } from './usage.ts';

export interface AuthorizeSources extends CallerSources {
  inventory: Inventory;
  usage: Usage;
}

/** Associations, template names and instances stand for other resources: those are added to the parameters. */
async function resolved(call: ApiCall, { inventory }: AuthorizeSources): Promise<ApiCall> {
  const { service, parameters } = call;
  if (service === 'ec2') {
    const found = await Promise.all(
      Object.entries(parameters).flatMap(([name, value]) =>
        textsIn({ [name]: value }).map((text) => inventory.idBehind(text, name)),
      ),
    );
    return { ...call, parameters: { ...parameters, behind: found.flat() } };
  }
  if (service === 'autoscaling' && Array.isArray(parameters.Tags)) {
    const ids = parameters.Tags.map((tag: { ResourceId?: string }) => tag.ResourceId ?? '').filter(Boolean);
    return ids.length === 0 ? call : { ...call, parameters: { ...parameters, ResourceId: ids } };
  }
  return call;
}

/** A call of ECR is about the registry of the account that it names, and of its own where it names none. */
function ofRegistry(call: ApiCall): ApiCall {
  const { registryId } = call.parameters;
  return call.service === 'ecr' && typeof registryId === 'string' ? { ...call, accountId: registryId } : call;
}

/** The refusal of the first access that is not allowed; undefined when all are. */
async function refusalOf(
  need: Need,
  { caller, asked }: { caller: Caller; asked: ApiCall },
  sources: AuthorizeSources,
): Promise<ApiError | undefined> {
  const { action, call } = need;
  const { identity, session } = caller;
  const askedFor = identity?.asksFor ?? { tags: false, items: false };
  for (const resource of await resourcesOf(action, call)) {
    const context = await contextOf(need, resource, { caller, sources, askedFor });
    const denial = await evaluate(
      { principalArn: caller.arn, accountId: call.accountId, action, resource: resource.arn, context },
      {
        identity: identity?.policies ?? [ADMINISTRATOR_ACCESS],
        ...{ boundary: identity?.boundary, session: session?.policy },
        resource: await sources.inventory.resourcePolicy(resource.arn, call),
      },
    );
    if (denial !== undefined) return refusal(asked, caller.arn, { action, resource: resource.arn, denial });
    sources.usage.add({
      identity: identity?.arn ?? caller.arn,
      action,
      resource: shownResource(resource.arn),
    });
  }
  return undefined;
}

/** Holds every call against IAM. Sources of what each call needs: the Service Authorization Reference. */
export function createAuthorize(sources: AuthorizeSources): Authorize {
  return async (given) => {
    const call = ofRegistry(given);
    // A token of an identity provider is its own permission, and is looked at by STS.
    if (call.signer === undefined) return {};
    const caller = await callerOf(call, sources);
    const { arn: principal, identity } = caller;
    if (identity === undefined && call.accountId === sources.accountId) return { principal };
    for (const need of await needsOf(await resolved(call, sources), sources)) {
      const refused = await refusalOf(need, { caller, asked: call }, sources);
      if (refused !== undefined) return { principal, refusal: refused };
    }
    return { principal };
  };
}
