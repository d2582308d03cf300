export { abortRollout } from './abort.ts';
export { blueGreen } from './blue-green.ts';
export { forecastOf as estimateBlueGreen } from './forecast.ts';
export { readFleets } from './sides.ts';
export type { Fleets } from './sides.ts';
export { isUnderWay, sideToGoBackTo, stateWords } from './state.ts';
export type { FleetState, Side } from './state.ts';
