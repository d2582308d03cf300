export { rolling } from './rolling.ts';
