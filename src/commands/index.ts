import { DeployError } from '../failure.ts';
import type { Inputs } from '../inputs.ts';
import type { Command } from './context.ts';

/** The commands of this version; what is not here is refused by name. */
const commands: Partial<Record<Inputs['command'], () => Promise<Command>>> = {
  deploy: async () => (await import('./deploy.ts')).deploy,
  status: async () => (await import('./status.ts')).status,
  rollback: async () => (await import('./rollback.ts')).rollback,
  redeploy: async () => (await import('./redeploy.ts')).redeploy,
};

/** @throws DeployError `input-invalid` for a command that this version does not have */
export function loadCommand(name: Inputs['command']): () => Promise<Command> {
  const load = commands[name];
  if (load !== undefined) return load;
  throw new DeployError({
    reason: 'input-invalid',
    message: `command is "${name}", which is not in this version of the action; it has ${Object.keys(commands).join(', ')}`,
    left: 'Nothing was touched.',
  });
}
