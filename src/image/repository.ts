import { join } from 'node:path';
import type { Backend } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { stateKey } from '../state-backend/index.ts';
import type { Terraform } from '../terraform/index.ts';
import { applyPlanned, bundledTerraform, openRoot } from '../terraform/index.ts';
import { describeRepository, openRepository, protectTags } from './ecr.ts';
import { checkRepository } from './target.ts';

/**
 * The URI of the ECR repository: of the input `repository`, else of the application's own. The first deployment of an
 * application makes its own, by applying the action's `terraform/bootstrap` with a state of its own.
 * @throws DeployError input-invalid when the given one is missing; as a root's plan and apply do; internal when the root was applied and there is no repository
 */
export async function ensureRepository(run: Run, terraform: Terraform, backend: Backend): Promise<string> {
  const given = await checkRepository(run);
  if (given !== undefined) return given.uri;
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
