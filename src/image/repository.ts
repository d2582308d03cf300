import { join } from 'node:path';
import type { Backend } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { stateKey } from '../state-backend/index.ts';
import type { Terraform } from '../terraform/index.ts';
import { applyPlanned, bundledTerraform, openRoot } from '../terraform/index.ts';
import { describeRepository, openRepository, protectTags } from './ecr.ts';

/**
 * The URI of the application's ECR repository. The first deployment of an application makes it, by applying the
 * action's own `terraform/bootstrap` with a state of its own.
 * @throws DeployError as a root's plan and apply do; internal when the root was applied and there is no repository
 */
export async function ensureRepository(run: Run, terraform: Terraform, backend: Backend): Promise<string> {
  const { application } = run.inputs;
  const access = openRepository(run, application);
  const found = await describeRepository(access);
  if (found) return found.uri;
  run.log.line(`Registry: there is no repository ${application} yet; making it with terraform/bootstrap`);
  const root = await openRoot(run, terraform, {
    directory: join(bundledTerraform(), 'bootstrap'),
    backend,
    stateKey: stateKey(application, 'bootstrap'),
    contract: false,
  });
  await applyPlanned(run, () => root.plan({ application, region: run.aws.region }));
  const made = await describeRepository(access);
  if (made) {
    await protectTags(access);
    return made.uri;
  }
  throw new DeployError({
    reason: 'terraform-apply',
    message: `terraform/bootstrap was applied, and there is still no repository ${application}`,
    left: 'Nothing was deployed.',
    next: `look at the state s3://${backend.bucket}/${stateKey(application, 'bootstrap')}: it may name a repository that someone removed`,
  });
}
