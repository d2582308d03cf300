export { misspeltInputs, parseInputs } from './parse.ts';
export { defaultCheckpointDelay } from './rollout-rules.ts';
export type { CommandRules } from './rule.ts';
export type { SmokeTestInput } from './smoke-test.ts';
export { blueGreenDefaults, inputsOfOtherStrategy, rollingGoesOn, strategySaid } from './strategy-rules.ts';
export type { StrategyName } from './strategy-rules.ts';
export type { Inputs } from './table.ts';
export { terraformEnvironment } from './terraform-environment.ts';
export { mayBeHcl } from './variables.ts';
