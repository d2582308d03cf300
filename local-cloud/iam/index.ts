/** IAM and STS: who calls, and what they may do. */
export { createIam, type Iam } from './iam.ts';
export { Issuers } from './providers.ts';
export type { Session } from './sessions.ts';
