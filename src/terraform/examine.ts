import { DeployError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { backendNames } from '../state-backend/index.ts';
import { contractVariables } from './contract.ts';
import { checkState } from './own-backend.ts';
import type { RootSource } from './source.ts';
import { readLocalState, readRoot, undeclared } from './source.ts';

/**
 * Reads a root that is to be deployed onto, and refuses what the action can't work with. Nothing is touched.
 * @throws DeployError input-invalid (no Terraform files, a variable that is not declared), terraform-contract (a variable
 *   of the contract that is not declared, a state that is elsewhere)
 */
export async function examineRoot(run: Run, directory: string): Promise<RootSource> {
  const [source, local] = await Promise.all([readRoot(directory), readLocalState(directory)]);
  checkVariables(run, source);
  checkState(source, local, { ...backendNames(run), region: run.aws.region });
  return source;
}

function checkVariables({ inputs }: Run, { variables }: RootSource): void {
  const absent = contractVariables.filter((name) => !variables.includes(name));
  if (absent.length > 0) {
    throw new DeployError({
      reason: 'terraform-contract',
      message: `the Terraform root does not declare ${absent.map((name) => `variable "${name}"`).join(', ')}, which the action gives`,
      left: 'Nothing was touched.',
      next: 'declare them in the root, each of type string; "image" is what the launch template has to run',
    });
  }
  const unknown = undeclared(Object.keys(inputs.terraformVariables), variables);
  if (unknown.length === 0) return;
  const listed = unknown.map(
    ({ name, meant }) => `${name}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
  );
  throw new DeployError({
    reason: 'input-invalid',
    message: `terraform-variables names variables that the Terraform root does not declare: ${listed.join(', ')}`,
    left: 'Nothing was touched.',
    next: `the root declares ${variables.join(', ')}`,
  });
}
