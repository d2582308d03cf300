import { describe, expect, it } from '@jest/globals';
import { environmentPlatform, platformOfVariables } from '../../src/terraform/platform.ts';
import type { PlatformSources } from '../../src/terraform/platform.ts';
import { writeRoot } from '../support/terraform-roots.ts';
import { ROOT } from './render.ts';

const declarations = 'architecture            = optional(string, "x86_64")';
const arm = 'service = {\n  architecture = "arm64"\n}\n';

describe('what to build for', () => {
  const say = (given: Record<string, unknown>, file = '', declared = declarations): PlatformSources => ({
    given,
    file,
    declarations: declared,
  });

  it.each<[string, PlatformSources, string | undefined]>([
    ['the declared default', say({}), 'linux/amd64'],
    ['the environment’s file', say({}, arm), 'linux/arm64'],
    ['no comment in it', say({}, '# architecture = "arm64"\n'), 'linux/amd64'],
    ['a file in JSON', say({}, '{"service": {"architecture": "arm64"}}'), 'linux/arm64'],
    ['the input', say({ service: { architecture: 'arm64' } }), 'linux/arm64'],
    ['the input over the file', say({ service: { architecture: 'x86_64' } }, arm), 'linux/amd64'],
    [
      'the default, where the input’s service does not',
      say({ service: { ami_id: 'a' } }, arm),
      'linux/amd64',
    ],
    ['the call of the module', say({}, '', `architecture = "arm64"\n${declarations}`), 'linux/arm64'],
    ['a variable of its own', say({ architecture: 'arm64' }, '', ''), 'linux/arm64'],
    ['nobody', say({}, '', ''), undefined],
    ['a name that Docker has no platform for', say({ architecture: 'riscv' }, '', ''), undefined],
  ])('is said by %s', (_, sources, expected) => {
    expect(platformOfVariables(sources)).toBe(expected);
  });

  it('is read from the root and its environments', async () => {
    const prod = { environment: 'prod', terraformVariables: {} } as const;
    expect(await environmentPlatform(ROOT, prod)).toBe('linux/amd64');
    const root = writeRoot({ 'main.tf': '', 'environments/prod.tfvars': arm });
    expect(await environmentPlatform(root, prod)).toBe('linux/arm64');
    expect(await environmentPlatform(root, { ...prod, environment: 'dev' })).toBeUndefined();
    expect(await environmentPlatform('/nowhere', prod)).toBeUndefined();
  });

  it('is read from the module that a root calls', async () => {
    const prod = { environment: 'prod', terraformVariables: {} } as const;
    const call = (source: string, more = '') => `module "service" {\n  source = "${source}"\n${more}}\n`;
    const module = { 'modules/service/variables.tf': declarations };
    const root = writeRoot({ 'main.tf': call('./modules/service'), ...module });
    expect(await environmentPlatform(root, prod)).toBe('linux/amd64');
    const beside = writeRoot({
      'root/main.tf': call('../modules/service', `  service = {\n${arm}}\n`),
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
