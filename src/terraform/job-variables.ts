import { mkdir } from 'node:fs/promises';
import { DeployError, errorText } from '../core/index.ts';
import { kindOf } from '../github/index.ts';
import { terraformEnvironment } from '../inputs/index.ts';
import type { Run } from '../run/index.ts';

/** What Terraform gets in place of the job's own variables; undefined takes one away. */
export function jobVariables(run: Pick<Run, 'inputs' | 'github'>): Record<string, string | undefined> {
  return judged(run).variables;
}

/**
 * Says once what of the job's variables is left out, and makes the folder of a plugin cache, which Terraform does not.
 * @throws DeployError input-invalid where it can't be made
 */
export async function prepareJob(run: Pick<Run, 'inputs' | 'github' | 'log'>): Promise<void> {
  const { warnings, variables } = judged(run);
  warnings.forEach((warning) => run.log.warning(warning));
  const { TF_PLUGIN_CACHE_DIR: cache } = variables;
  if (cache !== undefined)
    await mkdir(cache, { recursive: true }).catch((cause: unknown) => {
      throw new DeployError({
        reason: 'input-invalid',
        message: `TF_PLUGIN_CACHE_DIR is ${cache}, and that folder can't be made: ${errorText(cause)}`,
        left: 'Nothing was touched.',
        next: 'give a folder that the job may write, or take the variable out',
        cause,
      });
    });
}

function judged({ inputs, github }: Pick<Run, 'inputs' | 'github'>) {
  return terraformEnvironment(process.env, { inputs, workspace: github.workspace, kind: kindOf });
}
