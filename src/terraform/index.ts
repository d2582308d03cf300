export { applyPlanned } from './apply-planned.ts';
export { bundledTerraform } from './bundled.ts';
export { readContract } from './contract.ts';
export { environmentPlatform } from './platform.ts';
export { prepareTerraform } from './prepare.ts';
export type { Terraform } from './prepare.ts';
export type { PlannedResource } from './resources.ts';
export { openRoot } from './root.ts';
export type { Plan, PlanOptions, Root } from './root.ts';
