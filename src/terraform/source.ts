import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeployError, nearest } from '../core/index.ts';
import type { Block, Body, Value } from '../hcl/index.ts';
import { Computed, isObject } from '../hcl/index.ts';
import type { SourceFile } from './files.ts';
import { readWithModules } from './files.ts';
import type { Requirement } from './select.ts';

/** Where a root says that its state is. */
export interface StatePlace {
  /** Type of the backend; `cloud` for the block of HCP Terraform. */
  type: string;
  settings: Record<string, Value>;
  /** The file that says it. */
  file: string;
}

/** What was read from a root's own files before Terraform sees them. */
export interface RootSource {
  variables: string[];
  /** The declared type of each variable, as it is written; of modules where the root itself says `any`. */
  types: Record<string, Value>;
  /** Names of the variables that are declared ephemeral: they have to be given again when a plan is applied. */
  ephemeral: string[];
  /** undefined where the root says nothing. */
  state: StatePlace | undefined;
  /** Every required_version of the root, and of the modules in folders that it calls. */
  requirements: Requirement[];
  /** A block that encrypts the state, which only OpenTofu has. */
  encrypted: boolean;
}

/**
 * Reads what the files of a root declare.
 * @throws DeployError input-invalid where there are none
 */
export async function readRoot(root: string): Promise<RootSource> {
  const all = await readWithModules(root);
  const files = all.filter(({ name }) => dirname(name) === '.');
  if (files.length === 0) {
    throw new DeployError({
      reason: 'input-invalid',
      message: `${root} holds no Terraform files`,
      left: 'Nothing was touched.',
      next: 'name the folder of your Terraform root as terraform-directory, or leave it out to use the one that comes with the action',
    });
  }
  return sourceIn(files, all);
}

/**
 * What the files of a root declare.
 * @param files in the order in which Terraform reads them
 * @param all with those of the modules that it calls
 */
export function sourceIn(files: readonly SourceFile[], all: readonly SourceFile[] = files): RootSource {
  const variables = files.flatMap(({ body }) => body.blocks('variable', 1));
  const nameOf = ({ labels: [name = ''] }: { labels: string[] }) => name;
  const settings = files.flatMap(({ body }) => body.blocks('terraform', 0));
  return {
    variables: [...new Set(variables.map(nameOf))],
    types: typesIn(all, variables),
    ephemeral: variables.filter(({ body }) => body.attributes.ephemeral === true).map(nameOf),
    // A later block takes the place of an earlier one: an override's of the root's own.
    state: files.flatMap(statePlaces).at(-1),
    requirements: all.flatMap(requirementsIn),
    encrypted: settings.some(({ body }) => body.names.includes('encryption')),
  };
}

/** A variable that takes anything is handed to the module that declares one of its name. */
function typesIn(all: readonly SourceFile[], own: readonly Block[]): Record<string, Value> {
  const typed = (blocks: readonly Block[]): Record<string, Value> =>
    Object.fromEntries(
      blocks.flatMap(({ labels: [name = ''], body: { attributes } }) => {
        const { type } = attributes;
        return type === undefined || (type instanceof Computed && type.text === 'any') ? [] : [[name, type]];
      }),
    );
  const handedOn = typed(all.flatMap(({ body }) => body.blocks('variable', 1)));
  const types = { ...handedOn, ...typed(own) };
  return Object.fromEntries(
    Object.entries(types).filter(([name]) => own.some(({ labels }) => labels[0] === name)),
  );
}

function statePlaces({ name: file, body }: SourceFile): StatePlace[] {
  return body.blocks('terraform', 0).flatMap((block) => [
    ...block.body.blocks('backend', 1).map(({ labels: [type = ''], body: { attributes, ...own } }) => ({
      ...{ type, file },
      settings: { ...attributes, ...blocksAsSettings(own, attributes) },
    })),
    ...block.body.blocks('cloud', 0).map(() => ({ type: 'cloud', settings: {}, file })),
  ]);
}

/** `assume_role { … }` is written as a block or as an attribute. */
function blocksAsSettings(
  { names }: Pick<Body, 'names'>,
  attributes: Record<string, Value>,
): Record<string, Value> {
  return Object.fromEntries(names.filter((name) => !(name in attributes)).map((name) => [name, {}]));
}

function requirementsIn({ name: file, body }: SourceFile): Requirement[] {
  return body.blocks('terraform', 0).flatMap(({ body: { attributes } }) => {
    const { required_version: constraint } = attributes;
    return typeof constraint === 'string' ? [{ constraint, file }] : [];
  });
}

/** Where an earlier `terraform init` or `terraform workspace select` in the root's own folder left it. */
export interface LocalState {
  /** The workspace that is selected; undefined for none. */
  workspace: string | undefined;
  /** The backend that the root was initialised with. */
  backend: StatePlace | undefined;
  /** A state in a file of the folder holds resources. */
  kept: string | undefined;
}

/** Reads what Terraform left in the root's own folder. */
export async function readLocalState(root: string): Promise<LocalState> {
  const read = (name: string) => readFile(join(root, name), 'utf8').catch(() => '');
  const [environment, pointer, state] = await Promise.all(
    ['.terraform/environment', '.terraform/terraform.tfstate', 'terraform.tfstate'].map(read),
  );
  const { type, config } = objectIn(objectIn(parsed(pointer)).backend);
  const { resources } = objectIn(parsed(state));
  return {
    workspace: environment?.trim() === '' ? undefined : environment?.trim(),
    backend:
      typeof type === 'string'
        ? { type, settings: withoutNull(objectIn(config)), file: '.terraform/terraform.tfstate' }
        : undefined,
    kept: Array.isArray(resources) && resources.length > 0 ? 'terraform.tfstate' : undefined,
  };
}

function parsed(text: string | undefined): Value | undefined {
  try {
    return JSON.parse(text ?? '') as Value;
  } catch {
    return undefined;
  }
}

function objectIn(value: Value | undefined): Record<string, Value> {
  return isObject(value) ? value : {};
}

function withoutNull(settings: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null && value !== ''));
}

/** Gives the copied root the backend block that it lacks: without one, the state would be lost with the copy. */
export async function ensureBackendBlock(copy: string, { state }: RootSource): Promise<void> {
  if (state === undefined)
    await writeFile(join(copy, 'asg_deploy_backend.tf'), 'terraform {\n  backend "s3" {}\n}\n');
}

/** Overrides the backend with a file beside the copy, which goes away with it. The name comes after those of others. */
export async function keepStateHere(copy: string): Promise<void> {
  await writeFile(join(copy, 'zzz_asg_deploy_override.tf'), 'terraform {\n  backend "local" {}\n}\n');
}

/** The names that are given and not declared, each with the declared name that it may have been meant for. */
export function undeclared(
  given: readonly string[],
  declared: readonly string[],
): { name: string; meant: string | undefined }[] {
  return given
    .filter((name) => !declared.includes(name))
    .map((name) => ({ name, meant: nearest(name, declared) }));
}
