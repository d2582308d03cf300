/** The Auto Scaling API over the engine: parameters read and checked, answers as AWS has them. */
export type { FleetContext, Network } from './context.ts';
export { createService } from './service.ts';
