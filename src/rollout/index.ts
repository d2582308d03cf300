export { rollOut } from './rollout.ts';
