import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Block, Body, ReadHcl, Value } from '../hcl/index.ts';
import { Computed, isObject, loadHcl } from '../hcl/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { readFiles, readWithModules } from './files.ts';

/** Docker's name of a platform for each value of the variable. */
const platforms: Record<string, string> = { x86_64: 'linux/amd64', arm64: 'linux/arm64' };

/** What may say it. */
export interface PlatformSources {
  /** The values that Terraform is given, by name. */
  values: Record<string, unknown>;
  /** The files of the root, and of the modules in folders that it calls. */
  declarations: readonly Body[];
}

/**
 * The platform that an environment's instances run, from what Terraform will be given: an attribute `architecture` of
 * `service`, as in the bundled root, or a variable of that name. A variable is taken whole, as Terraform does: a
 * `service` without it has the declared default, whatever the file says. A root that calls the bundled module may give
 * it in the call. Pure.
 *
 * @returns undefined where nobody says
 */
export function platformOfVariables({ values, declarations }: PlatformSources): string | undefined {
  const { service, architecture } = values;
  const given = architectureIn(service) ?? architecture;
  if (typeof given === 'string') return platforms[given];
  const variables = declarations.flatMap((body) => body.blocks('variable', 1));
  const calls = declarations.flatMap((body) => body.blocks('module', 1));
  const declared = [
    ...calls.map(({ body }) => writtenIn(body)),
    ...(service === undefined
      ? named(variables, 'service').map(({ default: value }) => architectureIn(value))
      : []),
    ...named(variables, 'service').map(({ type }) => optionalIn(type)),
    ...named(variables, 'architecture').map(({ default: value }) => value),
  ];
  return platforms[String(declared.find((one) => typeof one === 'string') ?? '')];
}

/** In the call of a module, or in the `service` that it gives. */
function writtenIn({ attributes }: Body): Value | undefined {
  const { architecture, service } = attributes;
  return typeof architecture === 'string' ? architecture : architectureIn(service);
}

function named(variables: readonly Block[], name: string): Record<string, Value>[] {
  return variables.filter(({ labels }) => labels[0] === name).map(({ body }) => body.attributes);
}

function architectureIn(value: unknown): Value | undefined {
  return isObject(value as Value) ? (value as Record<string, Value>).architecture : undefined;
}

/** The default in `object({ architecture = optional(string, "x86_64") })`. */
function optionalIn(type: Value | undefined): Value | undefined {
  const attribute = type instanceof Computed ? architectureIn(type.call?.given[0]) : undefined;
  return attribute instanceof Computed && attribute.call?.name === 'optional'
    ? attribute.call.given[1]
    : undefined;
}

/**
 * What to build for, when the input platform does not say.
 * @param directory the Terraform root
 * @param job the job's environment
 * @returns undefined where nobody says: the builder's own platform
 */
export async function environmentPlatform(
  directory: string,
  { environment, terraformVariables }: Pick<Inputs, 'environment' | 'terraformVariables'>,
  job: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const files = await readFiles(directory, await valueFiles(directory, environment));
  const values = {
    ...jobValues(job, await loadHcl()),
    ...Object.fromEntries(files.flatMap(({ body }) => Object.entries(body.attributes))),
    ...terraformVariables,
  };
  const declarations = (await readWithModules(directory)).map(({ body }) => body);
  return platformOfVariables({ values, declarations });
}

/**
 * The files with values that Terraform reads, the strongest last.
 * https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
 */
async function valueFiles(directory: string, environment: string): Promise<string[]> {
  const automatic = (await readdir(directory).catch(() => []))
    .filter((name) => /\.auto\.tfvars(\.json)?$/.test(name))
    .sort();
  const chosen = ['.tfvars', '.tfvars.json'].map((suffix) => join('environments', environment + suffix));
  return ['terraform.tfvars', 'terraform.tfvars.json', ...automatic, ...chosen];
}

/** TF_VAR_service and TF_VAR_architecture: a text, or HCL where the variable is not one. */
function jobValues(job: NodeJS.ProcessEnv, readHcl: ReadHcl): Record<string, unknown> {
  const { TF_VAR_architecture: architecture, TF_VAR_service: service } = job;
  return {
    ...(architecture !== undefined && { architecture }),
    ...(service !== undefined && { service: readHcl(`service = ${service}\n`).body.attributes.service }),
  };
}
