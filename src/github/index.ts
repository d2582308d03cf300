export { annotationAt, longestAnnotation } from './annotation.ts';
export { loadToolkit } from './actions-core.ts';
export type { Toolkit } from './actions-core.ts';
export { listenForCancel } from './cancellation.ts';
export type { SignalSource } from './cancellation.ts';
export { compareCommits } from './commits.ts';
export { commentMarker } from './comment.ts';
export { endLeftDeployment, GithubDeployments, pausedDescription } from './deployments.ts';
export type { DeploymentEnd, UnendedDeployment } from './deployments.ts';
export { identityClaims } from './identity-claims.ts';
export type { GithubContext } from './context.ts';
export {
  doubtfulInputs,
  githubContext,
  inputsOf,
  kindOf,
  isTemporaryDirectory,
  makeTemporaryDirectory,
  readInput,
} from './environment.ts';
export { requireSystem } from './runner-system.ts';
export { RunnerLog } from './log.ts';
export { PlanComment } from './pull-request.ts';
export { readSavedState, saveState } from './saved-state.ts';
export type { SavedRollout, SavedState } from './saved-state.ts';
export type { Tell } from './tell.ts';
