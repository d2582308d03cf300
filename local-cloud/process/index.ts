/** Which clouds of this checkout are up, and taking one down. */
export { runningPorts, takeDown } from './lifecycle.ts';
