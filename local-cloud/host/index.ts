/** The machine below everything: commands, folders, processes, and what earlier runs left. */
export { type CommandResult, lastLines, runCommand } from './command.ts';
export { SetupError } from './failure.ts';
export { homeFolder, runFolder } from './folders.ts';
export { LABEL, networkName, portsWithContainers, removeLeftovers } from './leftovers.ts';
export { replaceFile } from './replace-file.ts';
export { endProcess, identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';
