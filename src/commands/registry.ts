import type { Inputs } from '../inputs/index.ts';
import type { Command } from './context.ts';

/** Each command, loaded when it is the one that was asked for. */
const commands: Record<Inputs['command'], () => Promise<Command>> = {
  deploy: async () => (await import('./deploy.ts')).deploy,
  plan: async () => (await import('./plan.ts')).plan,
  redeploy: async () => (await import('./redeploy.ts')).redeploy,
  rollback: async () => (await import('./rollback.ts')).rollback,
  status: async () => (await import('./status.ts')).status,
  destroy: async () => (await import('./destroy.ts')).destroy,
};

export function loadCommand(name: Inputs['command']): () => Promise<Command> {
  return commands[name];
}
