export { judge } from './judge.ts';
export type { Judgement } from './judge.ts';
export { defaultRules } from './rules.ts';
export type { JudgedWindow, JudgementRules } from './rules.ts';
