/** What the local cloud needs on a machine, made where it is missing. */
export { findProgram, installPackages, mayInstallPackages } from './apt.ts';
export { stopDockerEngine } from './docker.ts';
export { ensureGoProgram, goProgramFolder } from './go.ts';
export { ensurePython, ensurePythonProgram, pythonProgramFolder } from './python.ts';
export { setUp } from './set-up.ts';
export {
  ensureProviderMirror,
  ensureTerraform,
  findMirror,
  mirrorCandidates,
  terraformEnvironment,
} from './terraform.ts';
