import { DeployError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { backendNames } from '../state-backend/index.ts';
import { contractVariables } from './contract.ts';
import { checkState } from './own-backend.ts';
import type { RootSource } from './source.ts';
import type { UnknownField } from './fields.ts';
import { unknownFields } from './fields.ts';
import { readLocalState, readRoot, undeclared } from './source.ts';

/**
 * Reads a root that is to be deployed onto, and refuses what the action can't work with. Nothing is touched.
 * @throws DeployError input-invalid (no Terraform files, a variable that is not declared), terraform-contract (a variable
 *   of the contract that is not declared, a state that is elsewhere)
 */
export async function examineRoot(run: Run, directory: string): Promise<RootSource> {
  const [source, local] = await Promise.all([readRoot(directory), readLocalState(directory)]);
  checkVariables(run, source);
  if (run.inputs.terraformDirectory === undefined) checkFields(run, source);
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

/** The bundled root's objects have no other fields: Terraform would drop them, and do without what was meant. */
function checkFields({ inputs }: Run, { types }: RootSource): void {
  // The defaults are fields of a database.
  const unknown = Object.entries(inputs.terraformVariables).flatMap(([name, value]) =>
    unknownFields(value, types[name === 'database_defaults' ? 'database' : name], name),
  );
  const [first] = unknown;
  if (first === undefined) return;
  throw new DeployError({
    reason: 'input-invalid',
    message: `terraform-variables gives fields that their variables do not have: ${unknown.map(fieldText).join(', ')}`,
    left: 'Nothing was touched.',
    next: `${first.path.split('.').slice(0, -1).join('.')} has ${first.known.join(', ')}`,
  });
}

function fieldText({ path, meant }: UnknownField): string {
  return `${path}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
}
