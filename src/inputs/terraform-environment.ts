import { isAbsolute, resolve } from 'node:path';
import type { Surroundings } from './parsers.ts';
import type { Problem } from './reader.ts';
import type { Inputs } from './table.ts';
import { passedOn, refusedArguments } from './terraform-arguments.ts';

/** What a variable of the job is judged with. */
export interface TerraformWorld extends Pick<Surroundings, 'workspace' | 'kind'> {
  inputs: Pick<Inputs, 'application' | 'environment' | 'region' | 'terraformDirectory'>;
}

/** What becomes of one variable: without any of these, Terraform gets it as it is. */
interface Judgement {
  /** Why the job can't go on with it, and what to do instead. */
  refuse?: string;
  /** What Terraform gets in its place; null for nothing. */
  give?: string | null;
  /** What has to be said of it. */
  warn?: string;
  /** The value is no secret and may be shown. */
  show?: true;
}

type Judge = (value: string, world: TerraformWorld, name: string) => Judgement;

/** The action sets these itself, for a folder that is its own. */
const withheld: Judge = () => ({ give: null });

/** Of every variable that may move the state, the folder or the plan: the first row that fits decides. */
const judges: readonly [RegExp, Judge][] = [
  [/^TF_WORKSPACE$/, workspace],
  [/^(TF_DATA_DIR|TF_IN_AUTOMATION|TF_INPUT)$/, withheld],
  [/^TF_CLI_ARGS(?:$|_)/, cliArguments],
  [/^(TF_CLI_CONFIG_FILE|TERRAFORM_CONFIG)$/, configurationFile],
  [/^TF_PLUGIN_CACHE_DIR$/, cacheFolder],
  [/^TF_LOG(?:$|_)/, logs],
  [
    /^TF_REATTACH_PROVIDERS$/,
    () => ({ refuse: 'it would put other providers in place of those that the root asks for: take it out' }),
  ],
  [
    /^TF_ENCRYPTION$/,
    () => ({ refuse: 'an encrypted state is one that status and rollback can not read: take it out' }),
  ],
  [/^TF_VAR_image$/, () => ({ refuse: 'the action gives the root the image that it deploys: take it out' })],
  [/^TF_VAR_(application|environment|region)$/, contractVariable],
];

/** What Terraform's variables in the job's environment come to. */
export interface TerraformEnvironment {
  /** What can't be used; the variable stands for the input. */
  problems: Problem[];
  /** Sentences about what is left out. */
  warnings: string[];
  /** To be laid over the job's environment; undefined takes a variable away. */
  variables: Record<string, string | undefined>;
}

/**
 * Decides for each variable that Terraform listens to whether it is honoured, withheld or refused: Terraform runs in a
 * copy of the root, with a state, a data folder and a plan that are the action's. Pure, but for `kind`.
 */
export function terraformEnvironment(
  environment: NodeJS.ProcessEnv,
  world: TerraformWorld,
): TerraformEnvironment {
  const result: TerraformEnvironment = { problems: [], warnings: [], variables: {} };
  for (const [name, value = ''] of Object.entries(environment)) {
    const [, judge] = judges.find(([pattern]) => pattern.test(name)) ?? [];
    if (judge === undefined) continue;
    const { refuse, give, warn, show } = value === '' ? { give: null } : judge(value, world, name);
    if (refuse !== undefined)
      result.problems.push({ input: name, is: `${show ? JSON.stringify(value) : 'set'}; ${refuse}` });
    if (warn !== undefined) result.warnings.push(warn);
    // What is refused does not reach a child either.
    if (give !== undefined || refuse !== undefined) result.variables[name] = give ?? undefined;
  }
  return result;
}

function workspace(value: string, { inputs: { application, environment } }: TerraformWorld): Judgement {
  if (value === 'default') return { give: null };
  const key = `${application}/${environment}/terraform.tfstate`;
  return {
    show: true,
    refuse: `the action keeps the state of each environment under its own key, and no workspaces: take TF_WORKSPACE out of the job; a state that lies in this workspace is moved once, by aws s3 mv "s3://<its bucket>/env:/${value}/<its key>" "s3://<state-bucket>/${key}"`,
  };
}

function cliArguments(value: string, _: TerraformWorld, name: string): Judgement {
  const command = /^TF_CLI_ARGS_(\w+)$/.exec(name)?.[1];
  const refuse = refusedArguments(command, value);
  if (refuse !== undefined) return { refuse };
  return passedOn(command) ? {} : { give: null };
}

/** Terraform would look for a relative path in the copy. */
function configurationFile(value: string, world: TerraformWorld, name: string): Judgement {
  const { workspace, kind, inputs } = world;
  const folders = isAbsolute(value) ? ['/'] : [workspace, inputs.terraformDirectory ?? workspace];
  const paths = folders.map((folder) => resolve(folder, value));
  if (paths.some((path) => kind(path) === 'directory'))
    return { show: true, refuse: 'give the path of a file: this is a folder' };
  const path = paths.find((one) => kind(one) === 'file');
  if (path !== undefined) return { give: path };
  // With a file that is not there Terraform warns on every command, and goes on without it.
  return isAbsolute(value)
    ? { give: null }
    : { show: true, refuse: `give the path of a file (there is none at ${paths[0]}), or take ${name} out` };
}

function cacheFolder(value: string, { workspace, kind }: TerraformWorld): Judgement {
  const path = resolve(workspace, value);
  if (kind(path) === 'file') return { show: true, refuse: 'give the path of a folder: this is a file' };
  return { give: path };
}

function logs(_value: string, _world: TerraformWorld, name: string): Judgement {
  return { give: null, warn: `${name} is not handed to Terraform: its own log holds what is secret` };
}

function contractVariable(value: string, { inputs }: TerraformWorld, name: string): Judgement {
  const input = name.slice('TF_VAR_'.length) as 'application' | 'environment' | 'region';
  if (value === inputs[input]) return {};
  return {
    show: true,
    refuse: `the action gives the root its input ${input}, ${JSON.stringify(inputs[input])}: take ${name} out, or give the same`,
  };
}
