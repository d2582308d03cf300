export { initialDeploymentSentence, monitorInitialDeployment } from './initial-deployment.ts';
export { monitor, readHooks } from './monitor.ts';
export type { AdvanceEnd, MonitorEnd, MonitorRequest, Seen } from './monitor.ts';
export { readGroup } from './observe.ts';
export { nextPoll, remainingSeconds } from './poll-interval.ts';
export { RolloutTracker } from './tracker.ts';
export { verify } from './verify.ts';
