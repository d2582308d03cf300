export { finishRefresh } from './after-cancel.ts';
export { rolling } from './rolling.ts';
