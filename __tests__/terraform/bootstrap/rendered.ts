/** The policies of terraform/bootstrap as Terraform writes them, and what IAM says with them. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { findMirror, mirrorCandidates } from '../../../local-cloud/setup/index.ts';
import { ROOT, run, terraformVariables } from '../render.ts';

/** Policies by the names of what has them: managed policies, `trust of <role>`, `repository`. */
export type Policies = Record<string, { Statement: object[] }>;

export interface Request {
  action: string;
  resource: string;
  context?: Record<string, string | string[]>;
  /** The account of the resource, where that is not the principal's. */
  account?: string;
}

interface Change {
  type: string;
  change: { after: Record<string, unknown> | null };
}

// The provider itself writes the documents, without credentials and without a call.
const test = (account: string, region: string) => `
provider "aws" {
  region                      = "${region}"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "${account}" }
}
override_data {
  target = data.aws_iam_roles.existing
  values = { names = [] }
}
run "rendered" { command = plan }
`;

/** Plans terraform/bootstrap for an account that has nothing of it. */
export async function renderPolicies(
  variables: Record<string, unknown> & { region?: string },
  account = '123456789012',
): Promise<Policies> {
  const cwd = mkdtempSync(join(tmpdir(), 'asg-deploy-bootstrap-'));
  const env = terraformVariables();
  try {
    const unwanted = /\.terraform|\/tests(\/|$)/;
    cpSync(join(ROOT, 'bootstrap'), cwd, { recursive: true, filter: (path) => !unwanted.test(path) });
    mkdirSync(join(cwd, 'tests'));
    writeFileSync(join(cwd, 'tests/rendered.tftest.hcl'), test(account, variables.region ?? 'eu-north-1'));
    writeFileSync(join(cwd, 'all.auto.tfvars.json'), JSON.stringify(variables));
    const mirror = env.TF_CLI_CONFIG_FILE === undefined ? findMirror(mirrorCandidates()) : undefined;
    const plugins = mirror === undefined ? [] : [`-plugin-dir=${mirror.path}`];
    await run('terraform', ['init', '-backend=false', '-input=false', ...plugins], { cwd, env });
    const { stdout } = await run('terraform', ['test', '-json', '-verbose'], { cwd, env });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { test_plan?: { resource_changes: Change[] }; diagnostic?: object });
    const plan = events.find(({ test_plan }) => test_plan !== undefined)?.test_plan;
    if (plan === undefined)
      throw new Error(JSON.stringify(events.flatMap(({ diagnostic }) => diagnostic ?? [])));
    return policiesIn(plan.resource_changes);
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

function policiesIn(changes: Change[]): Policies {
  const found = changes.flatMap<[string, unknown]>(({ type, change: { after } }) => {
    if (type === 'aws_iam_policy') return [[String(after?.name), after?.policy]];
    if (type === 'aws_iam_role') return [[`trust of ${String(after?.name)}`, after?.assume_role_policy]];
    return type === 'aws_ecr_repository_policy' ? [['repository', after?.policy]] : [];
  });
  return Object.fromEntries(
    found.map(([name, policy]) => [name, JSON.parse(String(policy)) as { Statement: object[] }]),
  );
}

/** What a role may do: those of the policies whose names begin like this, without the boundary. */
export const ofRole = (policies: Policies, role: string): Policies =>
  Object.fromEntries(
    Object.entries(policies).filter(([name]) => name.startsWith(`${role}-`) && !name.endsWith('-boundary')),
  );

/** Whether IAM lets a role of these policies do it. */
export async function allows(
  identity: Policies,
  { action, resource, context = {}, account = '123456789012' }: Request,
  resourcePolicy?: object,
): Promise<boolean> {
  const result = await runSimulation(
    {
      request: {
        principal: 'arn:aws:sts::123456789012:assumed-role/shop-dev-deploy/job',
        action,
        resource: { resource, accountId: account },
        contextVariables: {
          'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/shop-dev-deploy',
          ...context,
        },
      },
      identityPolicies: Object.entries(identity).map(([name, policy]) => ({ name, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(resourcePolicy && { resourcePolicy }),
    },
    {},
  );
  if (result.resultType === 'error')
    throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === 'Allowed';
}
