import type { CommandRules } from '../inputs/index.ts';
import type { Command } from './context.ts';
import type { Stages } from './stages.ts';

/** One command of the action. */
export interface CommandEntry extends CommandRules {
  /** Loads its code, when it is the one that was asked for. */
  load: () => Promise<Command>;
  /** Its summary is written to the pull request that the job runs for, where there is a token for it. */
  comments?: true;
  /**
   * It changes what runs: GitHub shows it among the repository's deployments, as a new one, as the one that had paused, or
   * by taking that one back.
   */
  deploys?: 'begins' | 'goes-on' | 'takes-back';
}

/** Every command by its name. A new one has a file, a row here and a word in action.yml. */
const table = {
  deploy: { load: async () => (await import('./deploy.ts')).deploy, builds: true, deploys: 'begins' },
  plan: { load: async () => (await import('./plan.ts')).plan, comments: true },
  redeploy: { load: async () => (await import('./redeploy.ts')).redeploy, deploys: 'begins' },
  rollback: {
    load: async () => (await import('./rollback.ts')).rollback,
    withoutTerraform: true,
    takes: ['template-version'],
    deploys: 'begins',
  },
  promote: {
    load: async () => (await import('./promote.ts')).promote,
    withoutTerraform: true,
    deploys: 'goes-on',
  },
  abort: {
    load: async () => (await import('./abort.ts')).abort,
    withoutTerraform: true,
    deploys: 'takes-back',
  },
  status: { load: async () => (await import('./status.ts')).status, withoutTerraform: true },
  destroy: {
    load: async () => (await import('./destroy.ts')).destroy,
    takes: ['confirm-destroy'],
    deploys: 'begins',
  },
} satisfies Record<string, CommandEntry>;

/** The name of a command, as the input `command` has it. */
export type CommandName = keyof typeof table;

/** Every command by its name; names come from the parsed inputs, which know no others. */
export const commands: Readonly<Record<CommandName, CommandEntry>> = table;

/** The command that was asked for, if there is one of that name: inputs may be wrong. */
export function commandNamed(name: string): CommandEntry | undefined {
  return Object.hasOwn(commands, name) ? commands[name as CommandName] : undefined;
}

/** The stages of a run, and with them every AWS client: loaded when the inputs are known to be right. */
export async function loadStages(): Promise<Stages> {
  return (await import('./stages.ts')).stages;
}
