export type { CommandContext } from './context.ts';
export { phase } from './phase.ts';
export { commandNamed, commands, loadStages } from './registry.ts';
export type { CommandEntry, CommandName } from './registry.ts';
export type { Stages } from './stages.ts';
