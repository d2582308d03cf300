export { parseInputs } from './parse.ts';
export type { Inputs } from './parsed.ts';
export { defaultCheckpointDelay } from './rollout-rules.ts';
export type { SmokeTestInput } from './smoke-test.ts';
