/** What is wrong with the blocks of YAML, HCL, JSON, TypeScript and shell in a document, by the tools that will read them. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseHcl } from '../../scripts/docs/hcl.ts';
import { fieldNames } from '../../scripts/docs/terraform-tables.ts';
import { commands } from '../../src/commands/registry.ts';
import type { DeployError } from '../../src/core/errors.ts';
import { loadHcl } from '../../src/hcl/index.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { inputDefaults } from '../../src/inputs/table.ts';
import { temporaryFolder } from '../support/folders.ts';
import { actionlint, repositoryWith, root, shellcheck } from '../support/scanners.ts';
import { typescriptFindings } from './typescript.ts';

export interface Block {
  /** file:line */
  place: string;
  language: string;
  text: string;
}

/** Fenced blocks, also those in lists, without their indentation. */
export function blocksOf(file: string, text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let start = 0; start < lines.length; start += 1) {
    const [, indent = '', language = ''] = /^( *)```(.*)$/.exec(lines[start] ?? '') ?? [];
    if (!lines[start]?.trim().startsWith('```')) continue;
    const end = lines.findIndex((line, index) => index > start && line === `${indent}\`\`\``);
    if (end < 0) throw new Error(`${file}:${start + 1}: the block has no end`);
    const own = lines.slice(start + 1, end).map((line) => line.slice(indent.length));
    blocks.push({ place: `${file}:${start + 1}`, language, text: `${own.join('\n')}\n` });
    start = end;
  }
  return blocks;
}

/** What is wrong, each with its place; none when all is well. Needs actionlint, shellcheck and terraform. */
export async function findingsIn(blocks: Block[]): Promise<string[]> {
  const found = await Promise.all(
    blocks.map(async (block) =>
      (await check(block).catch((error: unknown) => [(error as Error).message])).map(
        (finding) => `${block.place}: ${finding.trim()}`,
      ),
    ),
  );
  const typescript = typescriptFindings(blocks.filter(({ language }) => language === 'ts'));
  return [...found.flat(), ...typescript.map(({ place, finding }) => `${place}: ${finding}`)];
}

async function check({ language, text }: Block): Promise<string[]> {
  switch (language) {
    case 'yaml':
      return checkYaml(text);
    case 'hcl':
      return [...checkFormat(text), ...(await checkVariables(text))];
    case 'json':
      JSON.parse(text);
      return [];
    case 'sh':
      return [...checkShell(text), ...(await checkCommands(text))];
    case 'ts':
    case 'mermaid':
    case 'text':
      return [];
    default:
      return [`a block has to say what it is (yaml, hcl, json, sh, text …), not "${language}"`];
  }
}

const ours = /^(?:org\/asg-deploy@v1|\.\/)$/;
interface Step {
  uses?: string;
  with?: Record<string, unknown>;
}
interface Job {
  steps?: Step[];
}
type Mapping = Record<string, unknown>;

/** A whole workflow, or the part of one that a block shows: jobs, steps, a job's variables, inputs of the action. */
function asWorkflow(block: unknown): Mapping | undefined {
  const around = (job: object) => ({ jobs: { job } });
  const step = (given: Mapping) => [
    { uses: './', with: { application: 'shop', environment: 'dev', ...given } },
  ];
  if (Array.isArray(block)) return around({ steps: block as Step[] });
  if (typeof block !== 'object' || block === null) return undefined;
  const mapping = block as Mapping;
  const all = (test: (key: string, value: Mapping) => boolean) =>
    Object.entries(mapping).every(([key, value]) => test(key, value as Mapping));
  if ('jobs' in mapping) return mapping;
  const ofWorkflows = ['name', 'on', 'permissions', 'env', 'defaults', 'concurrency'];
  if (all((key) => ofWorkflows.includes(key))) return { ...mapping, ...around({ steps: [{ run: 'true' }] }) };
  if (all((key) => Object.hasOwn(inputDefaults, key))) return around({ steps: step(mapping) });
  if (all((_, job) => Array.isArray(job.steps) || typeof job.uses === 'string')) return { jobs: mapping };
  return undefined;
}

async function checkYaml(text: string): Promise<string[]> {
  const block: unknown = parse(text);
  const isInputs = Object.values(block as Mapping).every(
    (value) => (value as Mapping).description !== undefined,
  );
  if (isInputs) return checkActionInputs(block as Record<string, Mapping>);
  const workflow = asWorkflow(block);
  if (workflow === undefined) return ['neither a workflow nor a part of one'];
  const jobs = Object.fromEntries(
    Object.entries(workflow.jobs as Record<string, Job>).map(([name, job]) => [name, runnable(job)]),
  );
  const steps = Object.values(jobs).flatMap(({ steps: own = [] }) => own);
  const file = stringify({ on: 'push', ...workflow, jobs });
  const linted = actionlint(repositoryWith({ '.github/workflows/block.yml': file }));
  const values = await Promise.all(steps.filter(({ uses }) => uses === './').map(checkInputs));
  return [...linted.split('\n').filter((line) => line.startsWith('.github')), ...values.flat()];
}

/** With the action as it is here, and what a part of a workflow leaves out. */
function runnable(job: Job): Job {
  const steps = job.steps?.map((step) => (ours.test(step.uses ?? '') ? { ...step, uses: './' } : step));
  return { ...(steps && { 'runs-on': 'ubuntu-24.04' }), ...job, ...(steps && { steps }) };
}

const checkActionInputs = (inputs: Record<string, Mapping>): string[] =>
  Object.entries(inputs).flatMap(([name, keys]) =>
    Object.keys(keys)
      .filter((key) => !['description', 'default', 'required'].includes(key))
      .map((key) => `the input ${name} can have no "${key}"`),
  );

/** Values as the action itself takes or refuses them; those that only a run knows are left out. */
async function checkInputs({ with: given = {} }: Step): Promise<string[]> {
  const known = Object.entries(given).map(([name, value]) => [name, String(value)] as const);
  const values = Object.fromEntries(known.filter(([, value]) => !value.includes('${{')));
  const required = Object.fromEntries(
    ['application', 'environment'].filter((name) => name in given).map((name) => [name, 'shop']),
  );
  const kind = (path: string) => (basename(path).includes('Dockerfile') ? 'file' : 'directory') as 'file';
  try {
    parseInputs((name) => ({ ...required, ...values })[name] ?? '', {
      ...{ workspace: root, given: Object.keys(given), kind, commands },
      readHcl: await loadHcl(),
    });
    return [];
  } catch (error) {
    const { message, evidence } = error as DeployError;
    return [[message, ...(evidence ?? []).map(({ label, text }) => `${label} is ${text}`)].join('; ')];
  }
}

/** What `terraform fmt` would write otherwise, or can't read. */
function checkFormat(text: string): string[] {
  const { status, stdout, stderr } = spawnSync('terraform', ['fmt', '-no-color', '-'], {
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) return [stderr];
  return stdout === text ? [] : [`terraform fmt writes:\n${stdout}`];
}

/** Where variables of a block without blocks can belong. */
const roots = ['terraform', 'terraform/bootstrap', 'terraform/examples/minimal'];

/** Variables of a root here, with the fields of their objects. The bundled root takes anything and hands it to its module. */
function variablesOf(folder: string): Promise<Map<string, string[]>> {
  const known = read.get(folder) ?? readVariables(folder);
  read.set(folder, known);
  return known;
}
const read = new Map<string, Promise<Map<string, string[]>>>();

async function readVariables(folder: string): Promise<Map<string, string[]>> {
  const own = await fieldNames(join(root, folder));
  if (folder !== 'terraform') return own;
  const module = await fieldNames(join(root, 'terraform/modules/service'));
  return new Map([...own].map(([name, fields]) => [name, module.get(name) ?? fields]));
}

/** Modules of this repository are given variables that they have; so are roots. */
async function checkVariables(text: string): Promise<string[]> {
  const { module = {}, ...rest } = await parseHcl(text);
  const findings: string[] = [];
  for (const [call] of Object.values(module as Record<string, Mapping[]>)) {
    const { source = '', ...given } = call ?? {};
    const [, folder] = /asg-deploy\.git\/\/([\w/-]+)\?ref=v1$/.exec(String(source)) ?? [];
    if (folder === undefined) findings.push(`the source "${String(source)}" is no module of this repository`);
    else findings.push(...unknownTo(folder, given, await variablesOf(folder)));
  }
  const blocks = [
    'resource',
    'data',
    'output',
    'import',
    'variable',
    'moved',
    'locals',
    'provider',
    'terraform',
  ];
  if (Object.keys(module as object).length > 0 || blocks.some((kind) => kind in rest)) return findings;
  const known = await Promise.all(roots.map(variablesOf));
  const fitting = known.findIndex((names) => Object.keys(rest).every((name) => names.has(name)));
  const index = Math.max(fitting, 0);
  return unknownTo(roots[index] ?? '', rest, known[index] ?? new Map<string, string[]>());
}

function unknownTo(folder: string, given: Mapping, known: Map<string, string[]>): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const fields = known.get(name);
    if (fields === undefined) return [`${folder} has no variable "${name}"`];
    return fieldsGiven(value, '')
      .filter((field) => isBelow(fields, field) && !fields.includes(field))
      .map((field) => `${name} of ${folder} has no "${field}"`);
  });
}

function fieldsGiven(value: unknown, prefix: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    prefix + key,
    ...fieldsGiven(inner, `${prefix}${key}.`),
  ]);
}

/** Whether the object that a field is in has names of its own: maps take any. */
function isBelow(fields: string[], field: string): boolean {
  const parent = field.slice(0, field.lastIndexOf('.') + 1);
  return fields.some((one) => one.startsWith(parent) && one !== parent);
}

function checkShell(text: string): string[] {
  const folder = temporaryFolder('block');
  writeFileSync(join(folder, 'block.sh'), text);
  const lines = shellcheck(folder, 'block.sh').split('\n');
  // One block goes on where another ended: variables come from it, and a folder that can't be entered is seen.
  const meant = ['SC2154', 'SC2164', 'SC2034'];
  return lines.filter((line) => line !== '' && !meant.some((code) => line.includes(code)));
}

/** Scripts of package.json, and variables of bootstrap and of the root, that a block names. */
async function checkCommands(text: string): Promise<string[]> {
  const { scripts } = (await import('../../package.json', { with: { type: 'json' } })).default;
  const unknownScripts = [...text.matchAll(/\bnpm run ([\w:-]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !Object.hasOwn(scripts, name));
  const variables = await Promise.all([...roots, 'terraform/bootstrap/account'].map(variablesOf));
  const unknownVariables = [...text.matchAll(/-var ['"]?([\w-]+)=/g)]
    .map(([, name = '']) => name)
    .filter((name) => !variables.some((known) => known.has(name)));
  return [
    ...unknownScripts.map((name) => `package.json has no script "${name}"`),
    ...unknownVariables.map((name) => `no root here has a variable "${name}"`),
  ];
}
