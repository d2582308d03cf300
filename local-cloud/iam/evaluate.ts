/** One access, decided by a kept evaluator of IAM's policies: https://github.com/cloud-copilot/iam-simulate */
import { runSimulation, runUnsafeSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import type { NamedPolicy } from './account.ts';
import type { Context } from './context.ts';

/** What is asked. */
export interface Access {
  principalArn: string;
  /** The resource's. */
  accountId: string;
  action: string;
  resource: string;
  context: Context;
}

/** Every policy that has a say. */
export interface Policies {
  identity: readonly NamedPolicy[];
  boundary?: NamedPolicy;
  session?: object;
  resource?: object;
}

/** Which policy did not let an access through, as AWS's refusals name it; undefined when it is allowed. */
export interface Denial {
  explicit: boolean;
  by: 'an identity-based policy' | 'a permissions boundary' | 'a session policy' | 'a resource-based policy';
}

function simulationOf(access: Access, policies: Policies): Simulation {
  const { principalArn, accountId, action, resource, context } = access;
  return {
    request: {
      principal: principalArn,
      action,
      resource: { resource, accountId },
      contextVariables: context,
    },
    identityPolicies: [...policies.identity],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(policies.session !== undefined && { sessionPolicy: policies.session }),
    ...(policies.boundary !== undefined && { permissionBoundaryPolicies: [policies.boundary] }),
    ...(policies.resource !== undefined && { resourcePolicy: policies.resource }),
  };
}

/**
 * Decides one access.
 * @throws Error when the evaluator can not read a policy or does not know the action or the resource
 */
export async function evaluate(access: Access, policies: Policies): Promise<Denial | undefined> {
  const result = await runSimulation(simulationOf(access, policies), {});
  // AWS's own parameters belong to no account, which the reference's pattern of their ARN has no room for.
  if (result.resultType === 'error' && result.errors.message === 'no.resource.types') {
    const outcome = runUnsafeSimulation(simulationOf(access, { ...policies, resource: undefined }), {});
    if (outcome === 'Allowed') return undefined;
    return { explicit: outcome === 'ExplicitlyDenied', by: 'an identity-based policy' };
  }
  if (result.resultType === 'error') {
    const { action, resource } = access;
    throw new Error(`IAM can not evaluate ${action} on ${resource}: ${JSON.stringify(result.errors)}`);
  }
  if (result.overallResult === 'Allowed') return undefined;
  const analysis = result.resultType === 'single' ? result.result.analysis : result.results[0]?.analysis;
  const explicit = result.overallResult === 'ExplicitlyDenied';
  const ofResource = analysis?.resourceAnalysis?.result ?? 'NotApplicable';
  // What is another account's has to be allowed by both sides.
  const isForeign = access.principalArn.split(':')[4] !== access.accountId;
  const lacksResource = isForeign && !ofResource.startsWith('Allowed');
  const deniedByResource = /^(ExplicitlyDenied|DeniedForAccount)$/.test(ofResource);
  const wanted = explicit ? 'ExplicitlyDenied' : 'ImplicitlyDenied';
  const outcomes = [
    ['an identity-based policy', analysis?.identityAnalysis?.result],
    ['a resource-based policy', (explicit ? deniedByResource : lacksResource) ? wanted : undefined],
    ['a permissions boundary', analysis?.permissionBoundaryAnalysis?.result],
    ['a session policy', analysis?.sessionAnalysis?.result],
  ] as const;
  const by = outcomes.find(([, outcome]) => outcome === wanted)?.[0] ?? 'an identity-based policy';
  return { explicit, by };
}
