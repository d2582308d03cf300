export { checkArchitecture } from './architecture.ts';
export { requirePreflight, runPreflight } from './check.ts';
export type { Finding } from './finding.ts';
export { errorsFirst } from './preflight.ts';
export { vcpuQuotaOf } from './vcpu-quotas.ts';
export type { VcpuQuota } from './vcpu-quotas.ts';
