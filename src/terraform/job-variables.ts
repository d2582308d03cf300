import { mkdir } from 'node:fs/promises';
import { kindOf } from '../github/index.ts';
import { terraformEnvironment } from '../inputs/index.ts';
import type { Run } from '../run/index.ts';

/** What Terraform gets in place of the job's own variables; undefined takes one away. */
export function jobVariables(run: Pick<Run, 'inputs' | 'github'>): Record<string, string | undefined> {
  return judged(run).variables;
}

/** Says once what of the job's variables is left out, and makes the folder of a plugin cache, which Terraform does not. */
export async function prepareJob(run: Pick<Run, 'inputs' | 'github' | 'log'>): Promise<void> {
  const { warnings, variables } = judged(run);
  warnings.forEach((warning) => run.log.warning(warning));
  const { TF_PLUGIN_CACHE_DIR: cache } = variables;
  if (cache !== undefined) await mkdir(cache, { recursive: true });
}

function judged({ inputs, github }: Pick<Run, 'inputs' | 'github'>) {
  return terraformEnvironment(process.env, { inputs, workspace: github.workspace, kind: kindOf });
}
