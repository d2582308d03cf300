/** Terraform as the tests run it: offline, in folders of their own, with the provider from wherever it is to be had. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMirror, mirrorCandidates, terraformEnvironment } from '../../local-cloud/setup/index.ts';

export const ROOT = fileURLToPath(new URL('../../terraform/', import.meta.url));

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export function run(
  command: string,
  parameters: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Result> {
  return new Promise((resolve) => {
    const { input, ...rest } = options;
    const child = execFile(command, parameters, { maxBuffer: 64 << 20, ...rest }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) || 1 : 0, stdout, stderr }),
    );
    // A command that ends without reading its input (--version) is no failure.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

/** The environment for Terraform: no credentials, no endpoint, no settings file that does not exist. */
export function terraformVariables(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  for (const name of Object.keys(environment)) if (name.startsWith('AWS_')) delete environment[name];
  const settings = environment.TF_CLI_CONFIG_FILE;
  if (settings !== undefined && !existsSync(settings)) delete environment.TF_CLI_CONFIG_FILE;
  return { ...environment, ...terraformEnvironment() };
}

/** A copy of terraform/ (so that nothing is written beside the code), these roots of it initialised without backends. */
export async function initialisedCopy(roots: string[]): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'asg-deploy-terraform-'));
  cpSync(ROOT, copy, { recursive: true, filter: (source) => !source.includes('.terraform') });
  const env = terraformVariables();
  const init = ['init', '-backend=false', '-input=false', '-no-color'];
  const mirror = env.TF_CLI_CONFIG_FILE === undefined ? findMirror(mirrorCandidates()) : undefined;
  if (mirror !== undefined) init.push(`-plugin-dir=${mirror.path}`);
  const results = await Promise.all(
    roots.map((root) => run('terraform', init, { cwd: join(copy, root), env })),
  );
  const failed = results.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Error(`terraform init failed: ${failed.stdout}${failed.stderr}`);
  return copy;
}

export interface UserData {
  image: string;
  required_parameters?: string;
  registry_region?: string;
  startup_timeout_seconds?: number;
  parameter_path?: string;
  hooks?: { before?: string; after?: string };
  hook_timeout_seconds?: number;
}

/** user_data.sh.tftpl as Terraform itself renders it. */
export async function renderUserData(values: UserData): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'asg-deploy-render-'));
  const all = {
    application: 'shop',
    environment: 'prod',
    region: 'eu-north-1',
    registry: values.image.split('/')[0],
    registry_region: 'eu-west-1',
    instance_port: 80,
    container_port: 3000,
    health_check_path: '/healthz',
    startup_timeout_seconds: 30,
    parameter_path: '/shop/prod',
    required_parameters: '',
    placeholder: 'NOT_SET_YET',
    configuration_version: '1.1',
    log_group: '/shop/prod/service',
    hooks: {},
    hook_timeout_seconds: 120,
    ...values,
  };
  const template = JSON.stringify(join(ROOT, 'modules/service/user_data.sh.tftpl'));
  return evaluate(cwd, `templatefile(${template}, ${JSON.stringify(all)})`);
}

/** The user data of examples/minimal, as Terraform itself renders it: without the resources, no provider is needed. */
export function renderMinimalUserData(values: { image: string; region: string }): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'asg-deploy-render-'));
  const source = (name: string): string => readFileSync(join(ROOT, 'examples/minimal', name), 'utf8');
  writeFileSync(join(cwd, 'variables.tf'), source('variables.tf'));
  writeFileSync(join(cwd, 'main.tf'), source('main.tf').split(/^resource /m)[0] ?? '');
  return evaluate(cwd, 'local.user_data', { application: 'shop', environment: 'prod', ...values });
}

/** A text, in a folder that is removed then. */
async function evaluate(cwd: string, text: string, variables: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await run(
    'terraform',
    ['console', ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`)],
    { cwd, input: `base64encode(${text})\n`, env: terraformVariables() },
  );
  rmSync(cwd, { recursive: true });
  if (code !== 0) throw new Error(`it does not render: ${stderr}`);
  return Buffer.from(stdout.trim().replaceAll('"', ''), 'base64').toString();
}
