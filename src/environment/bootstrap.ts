import type { Run } from '../run/index.ts';
import { DeployError } from '../core/index.ts';
import { backendNames, stateKey } from '../state-backend/index.ts';
import { parseState, stateText } from './state.ts';

/** The least `bootstrap_version` that this version of the action works with. */
const neededVersion = 1;

/** What terraform/bootstrap made for an application, as far as an environment has to know it. */
export interface Bootstrap {
  /** Undefined for one that knew no versions. */
  version: number | undefined;
  /** It made deploy roles, whose rights are as old as it is. */
  roles: boolean;
  /** The permissions boundary of the environment, where it made one. */
  boundary: string | undefined;
  nameSuffix: string;
}

/**
 * What terraform/bootstrap left in its state, in the bucket of the environments.
 *
 * @returns undefined where there is none, or where the role may not look
 * @throws DeployError `backend` where it can not be read for another reason: names and a boundary hang on it
 */
export async function readBootstrap(run: Run): Promise<Bootstrap | undefined> {
  const { application, environment } = run.inputs;
  const { bucket } = backendNames(run);
  try {
    const text = await stateText(run, bucket, stateKey(application, 'bootstrap'));
    return text === undefined ? undefined : bootstrapIn(text, environment);
  } catch (error) {
    if (!(error instanceof DeployError) || error.reason !== 'credentials') throw error;
    run.log.debug(`What terraform/bootstrap made is not known: ${error.message}`);
    return undefined;
  }
}

/** The same, of the text of its state. Pure. */
export function bootstrapIn(text: string, environment: string): Bootstrap | undefined {
  const outputs = parseState(text)?.outputs;
  if (outputs === undefined || Object.keys(outputs).length === 0) return undefined;
  const of = (output: string): Record<string, unknown> => {
    const value = outputs[output]?.value;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  };
  const boundary = of('permissions_boundary_arns')[environment];
  const version = outputs.bootstrap_version?.value;
  const suffix = outputs.name_suffix?.value;
  return {
    version: typeof version === 'number' ? version : undefined,
    roles: Object.keys(of('deploy_role_arns')).length > 0,
    boundary: typeof boundary === 'string' ? boundary : undefined,
    nameSuffix: typeof suffix === 'string' ? suffix : '',
  };
}

/**
 * Sees that the rights that bootstrap gave are not older than what this action does. Nothing was touched when it throws.
 *
 * @throws DeployError `preflight` for one that is too old; one that knew no versions is warned of
 */
export function checkBootstrap(run: Run, bootstrap: Bootstrap | undefined, needed = neededVersion): void {
  if (!bootstrap?.roles) return;
  const { version } = bootstrap;
  if (version !== undefined && version >= needed) return;
  const { inputs, aws, log } = run;
  const { bucket } = backendNames(run);
  const advice = `let an administrator apply terraform/bootstrap of this version again, with the variables of the last time: terraform -chdir=terraform/bootstrap init -backend-config="bucket=${bucket}" -backend-config="key=${stateKey(inputs.application, 'bootstrap')}" -backend-config="region=${aws.region}" -backend-config="use_lockfile=true" && terraform -chdir=terraform/bootstrap apply`;
  const message = `the roles of ${inputs.application} were made by terraform/bootstrap of`;
  if (version === undefined) {
    log.warning(`${message} an earlier version, and may lack rights that this one needs: ${advice}`);
    return;
  }
  throw new DeployError({
    reason: 'preflight',
    message: `${message} version ${version}, and this action needs ${needed}`,
    left: 'Nothing was touched.',
    next: advice,
  });
}

/**
 * What the bundled root is given of it, unless the user gives it: the boundary, without which a deploy role may make no
 * role, and the ending of names. Pure.
 */
export function handedOn(
  bootstrap: Bootstrap | undefined,
  given: Record<string, unknown>,
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  const variables = {
    permissions_boundary_arn: bootstrap?.boundary,
    name_suffix: bootstrap?.nameSuffix === '' ? undefined : bootstrap?.nameSuffix,
  };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined || name in given || environment[`TF_VAR_${name}`] !== undefined
        ? []
        : [[name, value]],
    ),
  );
}
