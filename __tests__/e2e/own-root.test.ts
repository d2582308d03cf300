import { CreateBucketCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { runAction } from '../../scripts/runner/runner.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { temporaryFolder } from '../support/folders.ts';
import { contractRoot } from '../support/terraform-roots.ts';
import { clientConfiguration } from './support/client.ts';
import { Pool } from './support/pool.ts';
import { portOf } from './support/ports.ts';

/** Roots of a user's own, as they are found in public, and jobs that say something to Terraform beside the inputs. */
const actionDirectory = fileURLToPath(new URL('../..', import.meta.url));
const port = portOf(import.meta.url);
const bucket = 'states-of-own-roots';

interface Case {
  title: string;
  files?: Record<string, string>;
  /** Links in the root, by where they lead. */
  links?: Record<string, string>;
  inputs?: Record<string, string>;
  environment?: Record<string, string>;
  /** Patterns in the log. */
  says: RegExp[];
  /** Paths in the workspace. */
  leaves?: string[];
  leavesNot?: string[];
}

/** Fails the plan unless the condition holds. */
function demands(name: string, condition: string): string {
  return `resource "terraform_data" "${name}" {
  lifecycle {
    precondition {
      condition     = ${condition}
      error_message = "${name} is not as it has to be"
    }
  }
}
`;
}

const planned: Case[] = [
  {
    title: 'slashes and stars in texts',
    files: {
      'infra/iam.tf': 'locals {\n  logs = "arn:aws:s3:::logs/*"\n}\n',
      'infra/variables.tf':
        'locals {\n  one = "arn:aws:s3:::logs/*"\n}\nvariable "between" {\n  default = 1\n}\nlocals {\n  cron = "*/30 22 * * *"\n}\n',
    },
    inputs: { 'terraform-variables': 'between = 2' },
    says: [/Plan: 1 to add/],
  },
  {
    title: 'values in HCL',
    files: {
      'infra/values.tf': `variable "tags" { type = map(string) }
variable "ports" { type = list(number) }
variable "note" { type = string }
variable "place" { type = string }
${demands('tags', 'var.tags == tomap({ team = "shop", "cost-center" = "7" })')}
${demands('ports', 'var.ports == tolist([80, 443])')}
${demands('note', 'var.note == "a = 1\\n  b\\n"')}
${demands('place', 'var.place == "eu-north-1" && var.size == 3')}`,
    },
    inputs: {
      'terraform-variables': `# of this environment
tags = {
  team        = "shop" // who
  cost-center = "7"
}
ports = [80, /* and */
  443,
]
note  = <<-EOT
  a = 1
    b
EOT
size  = 3 # three
place = eu-north-1
`,
    },
    says: [/Plan: 5 to add/],
  },
  {
    title: 'all of its files',
    files: {
      'infra/lambda/node_modules/pad/index.js': 'pad',
      'infra/.config/settings.json': '{}',
      'infra/network.tfstate': 'data',
      'shared/policy.json': '{"shared": true}',
      'infra/files.tf': `${demands('packages', 'fileset(path.module, "lambda/**") == toset(["lambda/node_modules/pad/index.js"])')}
${demands('hidden', 'fileexists("${path.module}/.config/settings.json") && file("network.tfstate") == "data"')}
${demands('links', 'jsondecode(file("${path.module}/policy.json")).shared && file("pad.js") == "pad"')}
${demands('siblings', 'fileexists("${path.module}/../shared/policy.json")')}`,
    },
    links: {
      'infra/policy.json': '../shared/policy.json',
      'infra/pad.js': 'lambda/node_modules/pad/index.js',
    },
    says: [/Plan: 5 to add/],
  },
  {
    title: 'variables of the job that are honoured',
    files: {
      'terraform.rc': 'disable_checkpoint = true\n',
      'infra/x.tf': `variable "from_job" { type = string }\n${demands('job', 'var.from_job == "yes" && terraform.workspace == "default"')}`,
    },
    environment: {
      TF_WORKSPACE: 'default',
      TF_DATA_DIR: '.terraform-prod',
      TF_CLI_ARGS: '-no-color',
      TF_CLI_ARGS_plan: '-parallelism=2 -compact-warnings',
      TF_CLI_CONFIG_FILE: './terraform.rc',
      TF_PLUGIN_CACHE_DIR: 'cache/plugins',
      TF_VAR_from_job: 'yes',
      TF_VAR_region: 'eu-north-1',
      TF_TOKEN_app_terraform_io: 'a-token',
    },
    says: [/Plan: 2 to add/],
    leaves: ['cache/plugins'],
    leavesNot: ['.terraform-prod', 'infra/.terraform-prod', 'infra/.terraform.lock.hcl'],
  },
  {
    title: 'a log of Terraform’s own',
    environment: { TF_LOG: 'trace', TF_LOG_PATH: 'trace.log' },
    says: [/TF_LOG is not handed to Terraform/, /TF_LOG_PATH is not handed to Terraform/, /Plan: 1 to add/],
    leavesNot: ['trace.log', 'infra/trace.log'],
  },
  {
    title: 'a backend block that is what the action uses',
    files: {
      'infra/backend.tf': `terraform {\n  backend "s3" {\n    bucket  = "${bucket}"\n    key     = "shop/dev/terraform.tfstate"\n    region  = "eu-north-1"\n    encrypt = true\n  }\n}\n`,
    },
    says: [/Plan: 1 to add/],
  },
  {
    title: 'a backend block in a comment and in a text',
    files: {
      'infra/backend.tf':
        '/*\nterraform {\n  backend "azurerm" {}\n}\n*/\nlocals {\n  text = <<EOT\nterraform {\n  cloud {}\n}\nEOT\n}\n',
    },
    says: [/Plan: 1 to add/],
  },
  {
    title: 'a version that the root allows',
    files: { 'infra/versions.tf': 'terraform { required_version = "~> 1.11.0, != 1.11.1" }' },
    says: [/Plan: 1 to add/],
  },
];

const refused: (Case & { reason: string })[] = [
  ...['deploy', 'plan', 'status', 'rollback', 'redeploy'].map((command) => ({
    title: `a workspace, for ${command}`,
    inputs: { command, ...(command === 'redeploy' && { image: 'latest' }) },
    environment: { TF_WORKSPACE: 'blue' },
    reason: 'input-invalid',
    says: [/TF_WORKSPACE/, /"blue"; the action keeps the state/, /aws s3 mv/],
  })),
  {
    title: 'variables of the job that move the state or the plan',
    environment: {
      TF_CLI_ARGS_init: '-backend-config=key=elsewhere',
      TF_CLI_ARGS_plan: '-target=x',
      TF_VAR_image: 'other',
      TF_VAR_environment: 'prod',
      TF_REATTACH_PROVIDERS: '{}',
    },
    reason: 'input-invalid',
    says: [
      /TF_CLI_ARGS_init/,
      /TF_CLI_ARGS_plan/,
      /TF_VAR_image/,
      /TF_VAR_environment/,
      /TF_REATTACH_PROVIDERS/,
    ],
  },
  {
    title: 'a value that does not end',
    inputs: { 'terraform-variables': 'a = 1\nb = [\n  "s3cret-value",\n' },
    reason: 'input-invalid',
    says: [/line 2, column 5: the value of b is not whole/, /^(?!.*s3cret-value)/s],
  },
  {
    title: 'a backend with a state elsewhere',
    files: {
      'infra/backend.tf':
        'terraform {\n  backend "s3" {\n    bucket = "theirs"\n    key    = "shop.tfstate"\n    region = "eu-north-1"\n  }\n}\n',
    },
    inputs: { command: 'deploy', 'state-bucket': '' },
    reason: 'terraform-contract',
    says: [
      /keeps its state elsewhere than the action, by backend\.tf: bucket, key/,
      /state-bucket: theirs/,
      /terraform init -migrate-state -backend-config=bucket=theirs -backend-config=key=shop\/dev\/terraform\.tfstate/,
    ],
  },
  ...Object.entries({
    'infra/main_override.tf': 'terraform {\n  backend "local" {}\n}\n',
    'infra/z.tf.json': '{"terraform": {"cloud": {"organization": "acme"}}}',
  }).map(([name, text]) => ({
    title: `another backend in ${name}`,
    files: { [name]: text },
    reason: 'terraform-contract',
    says: [/keeps its state in/, /write backend "s3" \{\}/],
  })),
  {
    title: 'a workspace that an earlier step selected',
    files: { 'infra/.terraform/environment': 'blue' },
    reason: 'terraform-contract',
    says: [/workspace "blue" selected/, /terraform workspace select default/],
  },
  {
    title: 'a version that is not to be had',
    files: { 'infra/versions.tf': 'terraform { required_version = "~> 1.14.0" }' },
    inputs: { 'terraform-version': '1.14.2' },
    reason: 'terraform-unavailable',
    says: [
      /terraform-version is 1\.14\.2/,
      /\/terraform\/1\.14\.2\/terraform_1\.14\.2_SHA256SUMS can't be downloaded/,
    ],
  },
  {
    title: 'a lock file that was made on another platform',
    files: {
      'infra/aws.tf': 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n',
      'infra/.terraform.lock.hcl':
        'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n  hashes  = ["h1:wEzGqSCEUsbxRIx5jSVxhvMXGdxqJWbUEBnVKAuAGKM="]\n}\n',
    },
    reason: 'terraform-unavailable',
    says: [/has no checksum of this provider for linux_/, /terraform providers lock -platform=linux_/],
  },
  {
    title: 'a version that the root excludes',
    files: {
      'infra/modules/a/versions.tf': 'terraform { required_version = "~> 1.14.0" }',
      'infra/a.tf': 'module "a" {\n  source = "./modules/a"\n}\n',
    },
    inputs: { 'terraform-version': '1.11.4' },
    reason: 'terraform-contract',
    says: [/terraform-version is 1\.11\.4/, /modules\/a\/versions\.tf/],
  },
];

let cloud: CloudDescription;
let s3: S3Client;
/** A mirror of the releases that has none. */
const mirror = createServer((_request, response) => response.writeHead(404).end());
const pool = new Pool(4);

async function run({
  files = {},
  links = {},
  inputs = {},
  environment = {},
}: Case): Promise<StepResult & { workspace: string }> {
  const workspace = temporaryFolder('workspace');
  const all = { Dockerfile: 'FROM scratch\n', 'infra/main.tf': contractRoot, ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(workspace, name));
  const result = await runAction({
    actionDirectory,
    inputs: {
      ...{ command: 'plan', application: 'shop', environment: 'dev' },
      ...{ 'terraform-directory': 'infra', 'state-bucket': bucket },
      'terraform-mirror': `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`,
      ...inputs,
    },
    job: { workspace, sha: '0'.repeat(40) },
    environment: { ...cloud.environment, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
  });
  return { ...result, workspace };
}

beforeAll(async () => {
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  cloud = await cloudUp(port, { options: ['--instances', 'simulated'] });
  s3 = new S3Client(clientConfiguration(cloud));
  const CreateBucketConfiguration = { LocationConstraint: 'eu-north-1' as const };
  await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
}, 120_000);

afterAll(async () => {
  s3.destroy();
  mirror.close();
  await cloudDown(port);
}, 60_000);

describe.each([
  ['a root is planned with', planned.map((each) => ({ ...each, reason: '' }))],
  ['a root is refused with', refused],
])('%s', (_title, cases) => {
  const runs = new Map<string, ReturnType<typeof run>>();

  beforeAll(() => {
    for (const each of cases) {
      const going = pool.run(() => run(each));
      going.catch(() => undefined);
      runs.set(each.title, going);
    }
  });

  it.each(cases.map((each) => [each.title, each] as const))(
    '%s',
    async (title, { says, reason, leaves = [], leavesNot = [] }) => {
      const result = await runs.get(title);
      const said = result?.log ?? '';
      expect([result?.outputs['failure-reason'], said]).toEqual([reason, said]);
      for (const pattern of says) expect(said).toMatch(pattern);
      for (const path of leaves)
        expect([path, existsSync(join(result?.workspace ?? '', path))]).toEqual([path, true]);
      for (const path of leavesNot)
        expect([path, existsSync(join(result?.workspace ?? '', path))]).toEqual([path, false]);
    },
    300_000,
  );
});

it('made no bucket and no state', async () => {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  expect(
    Buckets.map(({ Name }) => Name).filter((name) => name === bucket || name?.startsWith('asg-deploy')),
  ).toEqual([bucket]);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(Contents).toEqual([]);
});
