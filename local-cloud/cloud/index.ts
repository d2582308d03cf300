/** The whole local cloud in one process: its services put together, started, emptied and ended. */
export type { AccountKind } from './account.ts';
export {
  clientEnvironment,
  type CloudStatus,
  DEFAULT_ACCOUNT_ID,
  DEFAULT_PORT,
  DEFAULT_REGION,
  DEFAULT_WEIGHT_DELAY,
  type LocalCloud,
  type LocalCloudOptions,
  registryPort,
  startLocalCloud,
} from './server.ts';
