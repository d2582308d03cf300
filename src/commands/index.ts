export { phaseModules } from './phases.ts';
export type { PhaseModules } from './phases.ts';
export { loadCommand } from './registry.ts';
export type { CommandContext } from './context.ts';
