export { ifPossible, notAllowed, patiently, previousName } from './context.ts';
export type { Names, RolloutContext } from './context.ts';
