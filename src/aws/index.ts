export type { AwsAccess } from './access.ts';
export { openAwsAccess } from './credentials.ts';
export { explainAwsError } from './errors.ts';
