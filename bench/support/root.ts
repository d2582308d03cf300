import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bundled = fileURLToPath(new URL('../../terraform', import.meta.url));

/** Where the bench's states are, of the action as of the pipeline. */
export const stateBucket = 'states-of-the-bench';

/** The commands that everybody writes for a root with a backend in S3. */
export function initCommand(application: string): string {
  const settings = {
    bucket: stateBucket,
    key: `${application}/dev/terraform.tfstate`,
    region: 'eu-north-1',
    // As the action has it: both kinds of lock.
    ...{ use_lockfile: 'true', dynamodb_table: 'asg-deploy-locks' },
  };
  const options = Object.entries(settings).map(([name, value]) => `-backend-config=${name}=${value}`);
  return `terraform init -input=false ${options.join(' ')}`;
}

export const planCommand =
  'terraform plan -input=false -var-file=environments/dev.tfvars -var-file=bench.tfvars.json -out=plan';

/**
 * Gives the bundled Terraform root as a job checks it out, with values for its variables, and takes it away afterwards.
 */
export async function withRoot<T>(
  application: string,
  variables: Record<string, unknown>,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'asg-deploy-bench-root-'));
  try {
    await cp(bundled, directory, { recursive: true, filter: (source) => !source.endsWith('.terraform') });
    const all = { application, environment: 'dev', region: 'eu-north-1', ...variables };
    await writeFile(join(directory, 'bench.tfvars.json'), JSON.stringify(all));
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
