import { describe, expect, it } from '@jest/globals';
import { terraformEnvironment } from '../../src/inputs/terraform-environment.ts';

const workspace = '/repository';
const tree: Record<string, 'file' | 'directory'> = {
  '/repository/terraform.rc': 'file',
  '/repository/infra/near.rc': 'file',
  '/repository/infra': 'directory',
  '/etc/terraform.rc': 'file',
};
const inputs = {
  application: 'shop',
  environment: 'prod',
  region: 'eu-north-1',
  terraformDirectory: '/repository/infra',
} as const;

function judge(environment: Record<string, string>) {
  return terraformEnvironment(environment, { inputs, workspace, kind: (path) => tree[path] });
}

describe('a variable for Terraform', () => {
  it.each<[string, string]>([
    ['TF_VAR_size', '3'],
    ['TF_VAR_region', 'eu-north-1'],
    ['TF_VAR_environment', 'prod'],
    ['TF_TOKEN_app_terraform_io', 's3cret'],
    ['TF_STATE_PERSIST_INTERVAL', '60'],
    ['TF_REGISTRY_CLIENT_TIMEOUT', '30'],
    ['TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE', '1'],
    ['TF_CLI_ARGS_plan', '-parallelism=3 -refresh=false -compact-warnings'],
    ['TF_CLI_ARGS_plan', '-parallelism 3 -no-color'],
    ['TF_CLI_ARGS_init', '-upgrade -lockfile=readonly "-plugin-dir=/a b"'],
    ['TF_CLI_ARGS_apply', '-auto-approve --parallelism=2'],
    ['TF_CLI_ARGS_fmt', '-recursive'],
    ['PATH', '/bin'],
  ])('reaches it as it is: %s=%s', (name, value) => {
    const { problems, warnings, variables } = judge({ [name]: value });
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect({ [name]: value, ...variables }[name]).toBe(name === 'TF_CLI_ARGS_fmt' ? undefined : value);
  });

  it.each<[string, string, string | undefined]>([
    ['TF_WORKSPACE', 'default', undefined],
    ['TF_WORKSPACE', '', undefined],
    ['TF_DATA_DIR', '.terraform-prod', undefined],
    ['TF_INPUT', '1', undefined],
    ['TF_CLI_ARGS', '-no-color', undefined],
    ['TF_CLI_ARGS_output', '-json', undefined],
    ['TF_CLI_ARGS_state_push', '-force', undefined],
    ['TF_CLI_CONFIG_FILE', 'terraform.rc', '/repository/terraform.rc'],
    ['TF_CLI_CONFIG_FILE', './near.rc', '/repository/infra/near.rc'],
    ['TF_CLI_CONFIG_FILE', '/etc/terraform.rc', '/etc/terraform.rc'],
    ['TF_CLI_CONFIG_FILE', '/nowhere/terraform.rc', undefined],
    ['TF_PLUGIN_CACHE_DIR', 'cache/plugins', '/repository/cache/plugins'],
    ['TF_LOG', 'trace', undefined],
    ['TF_LOG_PATH', 'trace.log', undefined],
    ['TF_LOG_PROVIDER', 'debug', undefined],
  ])('is replaced: %s=%s', (name, value, given) => {
    const { problems, variables, warnings } = judge({ [name]: value });
    expect(problems).toEqual([]);
    expect(name in variables).toBe(true);
    expect(variables[name]).toBe(given);
    expect(warnings.join()).toMatch(name.startsWith('TF_LOG') ? `${name} is not handed to Terraform` : /^$/);
  });

  it.each<[string, string, RegExp]>([
    [
      'TF_WORKSPACE',
      'blue',
      /"blue"; .*aws s3 mv "s3:\/\/<its bucket>\/env:\/blue\/<its key>" "s3:\/\/<state-bucket>\/shop\/prod\/terraform\.tfstate"/,
    ],
    ['TF_VAR_image', 's3cret', /takes? it out|take it out/],
    ['TF_VAR_region', 'us-east-1', /its input region, "eu-north-1"/],
    ['TF_REATTACH_PROVIDERS', '{"s3cret": 1}', /take it out/],
    ['TF_ENCRYPTION', 's3cret', /take it out/],
    ['TF_CLI_CONFIG_FILE', 'none.rc', /there is none at \/repository\/none\.rc/],
    ['TF_CLI_CONFIG_FILE', 'infra', /this is a folder/],
    ['TF_PLUGIN_CACHE_DIR', 'terraform.rc', /this is a file/],
    ['TF_CLI_ARGS', '-parallelism=3', /-parallelism would change/],
    ['TF_CLI_ARGS_plan', '-var=password=s3cret', /-var would .*terraform-variables/],
    ['TF_CLI_ARGS_plan', '-var-file prod.tfvars', /environments\/<environment>\.tfvars/],
    ['TF_CLI_ARGS_plan', '-target=aws_lb.main', /-target would/],
    ['TF_CLI_ARGS_plan', "-no-color '-out=s3cret'", /-out would/],
    ['TF_CLI_ARGS_plan', '-lock=false', /-lock would/],
    ['TF_CLI_ARGS_plan', '-lock-timeout=5m', /give lock-timeout/],
    ['TF_CLI_ARGS_init', '-backend-config=key=s3cret', /state-bucket/],
    ['TF_CLI_ARGS_init', '-backend=false', /-backend would/],
    ['TF_CLI_ARGS_apply', 's3cret.plan', /no option/],
    ['TF_CLI_ARGS_destroy', '-target=x', /-target would/],
  ])('is refused by its name: %s=%s', (name, value, advice) => {
    const { problems, variables } = judge({ [name]: value });
    expect(Object.entries(variables)).toEqual([[name, undefined]]);
    expect(problems).toEqual([{ input: name, is: expect.stringMatching(advice) }]);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });
});
