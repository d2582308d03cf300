import { isAbsolute } from 'node:path';
import {
  checkCheckpoints,
  checkHealthyPercentages,
  checkPauses,
  checkRollbackOnCancel,
  checkSchema,
} from './rollout-rules.ts';
import type { Rule, RuleContext } from './rule.ts';
import { checkPauseAt, checkStrategy, checkTrafficSteps, strategyInputs } from './strategy-rules.ts';
import type { InputName } from './table.ts';
import { terraformEnvironment } from './terraform-environment.ts';

/** Every rule in the order in which problems are told. */
export const rules: readonly Rule[] = [
  { of: ['command', 'image', 'context', 'dockerfile'], check: checkBuild },
  { of: ['command'], check: checkTaken },
  { of: ['role-to-assume', 'role-chaining'], check: checkRole },
  { of: ['role-to-assume', 'region'], check: checkPartition },
  { of: ['command', 'region', 'terraform-directory'], check: checkChina },
  { of: ['command', 'template-version', 'image'], check: checkOneTarget },
  { of: ['command', 'application', 'environment'], check: checkConfirmation },
  { of: ['min-healthy-percentage', 'max-healthy-percentage'], check: checkHealthyPercentages },
  { of: ['checkpoints', 'checkpoint-delay', 'pause-at'], check: checkCheckpoints },
  { of: strategyInputs, check: checkStrategy },
  { of: ['traffic-steps'], check: checkTrafficSteps },
  { of: ['pause-at', ...strategyInputs], check: checkPauseAt },
  { of: ['pause-at', 'bake-time', 'timeout', ...strategyInputs], check: checkPauses },
  {
    of: [
      'incompatible-schema',
      'min-healthy-percentage',
      'max-healthy-percentage',
      'checkpoints',
      'pause-at',
    ],
    check: checkSchema,
  },
  { of: ['auto-rollback', 'on-cancel'], check: checkRollbackOnCancel },
  { of: ['unhealthy-timeout', 'timeout'], check: checkUnhealthyTimeout },
  { of: ['application', 'environment', 'region', 'terraform-directory'], check: checkTerraformEnvironment },
];

/** What only a build needs is asked for only when there will be one. */
function checkBuild({ reader, inputs, commands, workspace, kind, filesGone = false }: RuleContext): void {
  const { command, image, context, dockerfile } = inputs;
  if (commands[command]?.builds !== true || image !== undefined || filesGone) return;
  const shown = (input: InputName, path: string) => reader.text(input) ?? relativeTo(workspace, path);
  if (kind(context) !== 'directory') {
    const advice = `give the folder to build (there is none at ${context})`;
    reader.refuse('context', shown('context', context), advice);
  } else if (kind(dockerfile) !== 'file') {
    const advice = `give the path of a Dockerfile (there is none at ${dockerfile})`;
    reader.refuse('dockerfile', shown('dockerfile', dockerfile), advice);
  }
}

function relativeTo(workspace: string, path: string): string {
  const start = `${workspace}/`;
  return isAbsolute(path) && path.startsWith(start) ? path.slice(start.length) : path;
}

/** An input that belongs to another command is a slip, and no wish. */
function checkTaken({ reader, inputs, commands }: RuleContext): void {
  for (const [owner, { takes = [] }] of Object.entries(commands)) {
    if (owner === inputs.command) continue;
    for (const input of takes) {
      const given = reader.text(input);
      if (given !== undefined && reader.isFine(input))
        reader.refuse(input, given, `leave it out: only ${owner} takes it`);
    }
  }
}

/** How a role is assumed is nothing without the role. */
function checkRole({ reader, inputs: { roleToAssume, roleChaining } }: RuleContext): void {
  if (roleToAssume !== undefined) return;
  const refuse = (name: InputName, value: string | undefined) => {
    if (value !== undefined && reader.isFine(name))
      reader.refuse(name, value, 'give role-to-assume as well, or leave it out');
  };
  for (const name of ['role-session-name', 'role-duration-seconds', 'role-external-id'] as const)
    refuse(name, reader.text(name));
  refuse('role-chaining', roleChaining ? 'true' : undefined);
}

/** Partitions of AWS that have no roles in common, by how their regions begin. */
const partitions = new Map([
  ['aws-cn', 'cn-'],
  ['aws-us-gov', 'us-gov-'],
]);

function checkPartition({ reader, inputs: { roleToAssume, region } }: RuleContext): void {
  if (roleToAssume === undefined) return;
  const named = roleToAssume.split(':')[1] ?? '';
  const [own = 'aws'] = [...partitions].find(([, start]) => region.startsWith(start)) ?? [];
  if (named === own || !(named === 'aws' || partitions.has(named))) return;
  reader.refuse(
    'role-to-assume',
    roleToAssume,
    `give a role of the partition ${own}, in which the region ${region} is, or another region`,
  );
}

/** The bundled root has names of service principals and endpoints in it that are others in China. */
function checkChina({ reader, inputs, commands }: RuleContext): void {
  const { command, region, terraformDirectory } = inputs;
  const bundled = terraformDirectory === undefined && commands[command]?.withoutTerraform !== true;
  if (!bundled || !region.startsWith('cn-')) return;
  reader.refuse(
    'region',
    region,
    'give a region outside of China (aws-cn), which the bundled Terraform root does not know, or a root of your own as terraform-directory',
  );
}

function checkOneTarget({ reader, inputs: { templateVersion, image } }: RuleContext): void {
  if (templateVersion === undefined || image === undefined) return;
  reader.refuse(
    'template-version',
    String(templateVersion),
    'give either template-version or image, not both: each names what to go back to',
  );
}

function checkConfirmation({ reader, inputs, commands }: RuleContext): void {
  const { command, application, environment, confirmDestroy = '' } = inputs;
  const wanted = commands[command]?.takes?.includes('confirm-destroy') === true;
  const name = `${application}-${environment}`;
  if (!wanted || confirmDestroy === name) return;
  reader.refuse(
    'confirm-destroy',
    confirmDestroy,
    `write ${name} to take ${environment} of ${application} down: load balancer, instances, database and all`,
  );
}

function checkUnhealthyTimeout({ reader, inputs: { unhealthyTimeout, timeout } }: RuleContext): void {
  if (unhealthyTimeout === undefined || unhealthyTimeout < timeout) return;
  const advice = `give less than timeout, which is ${timeout}`;
  reader.refuse('unhealthy-timeout', String(unhealthyTimeout), advice);
}

/** What the job says to Terraform beside the inputs is refused like an input. */
function checkTerraformEnvironment({ reader, job, ...world }: RuleContext): void {
  if (world.filesGone === true) return;
  reader.problems.push(...terraformEnvironment(job, world).problems);
}
