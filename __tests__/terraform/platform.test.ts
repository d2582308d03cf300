import { describe, expect, it } from '@jest/globals';
import { loadHcl } from '../../src/hcl/index.ts';
import { environmentPlatform, platformOfVariables } from '../../src/terraform/platform.ts';
import { writeRoot } from '../support/terraform-roots.ts';
import { ROOT } from './render.ts';

const variable = (type: string) => `variable "service" {\n  type = object({ ${type} })\n  default = {}\n}\n`;
const declarations = variable('architecture = optional(string, "x86_64")');
const arm = 'service = {\n  architecture = "arm64"\n}\n';
const prod = { environment: 'prod', terraformVariables: {} } as const;
const call = (source: string, more = '') => `module "service" {\n  source = "${source}"\n${more}}\n`;

describe('what to build for', () => {
  const readHcl = loadHcl();

  it.each<[string, Record<string, unknown>, string, string | undefined]>([
    ['the declared default', {}, declarations, 'linux/amd64'],
    ['no comment', {}, `/* ${variable('architecture = "arm64"')} */ ${declarations}`, 'linux/amd64'],
    ['the value', { service: { architecture: 'arm64' } }, declarations, 'linux/arm64'],
    ['the default, where the value does not', { service: { ami_id: 'a' } }, declarations, 'linux/amd64'],
    [
      'the declared value of the whole',
      {},
      'variable "service" {\n  default = { architecture = "arm64" }\n}',
      'linux/arm64',
    ],
    ['the call of the module', {}, call('./x', '  architecture = "arm64"\n') + declarations, 'linux/arm64'],
    ['a text of the same words', {}, 'locals { a = "architecture = \\"arm64\\"" }', undefined],
    ['a variable of its own', { architecture: 'arm64' }, '', 'linux/arm64'],
    ['the default of that', {}, 'variable "architecture" { default = "arm64" }', 'linux/arm64'],
    ['nobody', {}, '', undefined],
    ['a name that Docker has no platform for', { architecture: 'riscv' }, '', undefined],
  ])('is said by %s', async (_, values, declared, expected) => {
    const { body } = (await readHcl)(declared);
    expect(platformOfVariables({ values, declarations: [body] })).toBe(expected);
  });

  it.each<[string, Record<string, string>, NodeJS.ProcessEnv, string]>([
    ['the job', {}, { TF_VAR_service: '{ architecture = "arm64" }' }, 'linux/arm64'],
    ['a file over the job', { 'terraform.tfvars': arm }, { TF_VAR_service: '{}' }, 'linux/arm64'],
    [
      'a file that Terraform finds by itself over that',
      { 'terraform.tfvars': 'service = {}', 'a.auto.tfvars.json': '{"service": {"architecture": "arm64"}}' },
      {},
      'linux/arm64',
    ],
    [
      'the environment’s file over both',
      { 'x.auto.tfvars': 'service = {}', 'environments/prod.tfvars': `/* x */ ${arm}` },
      {},
      'linux/arm64',
    ],
    [
      'the environment’s file in JSON',
      { 'environments/prod.tfvars.json': '{"service": {"architecture": "arm64"}}' },
      {},
      'linux/arm64',
    ],
  ])('is said by %s', async (_, files, job, expected) => {
    const root = writeRoot({ 'main.tf': declarations, ...files });
    expect(await environmentPlatform(root, prod, job)).toBe(expected);
    const given = { ...prod, terraformVariables: { service: { architecture: 'x86_64' } } };
    expect(await environmentPlatform(root, given, job)).toBe('linux/amd64');
  });

  it('is read from the root and its environments', async () => {
    expect(await environmentPlatform(ROOT, prod)).toBe('linux/amd64');
    const root = writeRoot({ 'main.tf': '', 'environments/prod.tfvars': arm });
    expect(await environmentPlatform(root, prod)).toBe('linux/arm64');
    expect(await environmentPlatform(root, { ...prod, environment: 'dev' })).toBeUndefined();
    expect(await environmentPlatform('/nowhere', prod)).toBeUndefined();
  });

  it('is read from the module that a root calls', async () => {
    const module = { 'modules/service/variables.tf': declarations };
    const root = writeRoot({ 'main.tf': call('./modules/service'), ...module });
    expect(await environmentPlatform(root, prod)).toBe('linux/amd64');
    const beside = writeRoot({
      'root/main.tf': call('../modules/service', arm),
      ...module,
    });
    expect(await environmentPlatform(`${beside}/root`, prod)).toBe('linux/arm64');
    const elsewhere = writeRoot({
      'main.tf': call('git::https://example.com/x.git//modules/service'),
      ...module,
    });
    expect(await environmentPlatform(elsewhere, prod)).toBeUndefined();
  });
});
