/** Application Load Balancers: reverse proxies with health checks, and the API of their targets. */
export {
  type Action,
  type Condition,
  type Configuration,
  type TargetGroupConfiguration,
  targetGroupsInUse,
} from './configuration.ts';
export { EmulatorSource } from './emulator.ts';
export type { Address } from './health-check.ts';
export { createLoadBalancers, type ListenerAddress, type LoadBalancers } from './load-balancers.ts';
export { Propagation } from './propagation.ts';
export type { Served } from './proxy.ts';
export { actionFor, matchesPattern } from './routing.ts';
export { ruleChecks } from './rule-checks.ts';
export { RuleDelay } from './rule-delay.ts';
export { createTargetService } from './service.ts';
export type { TargetAddresses } from './target-group.ts';
export { notInUse } from './target-state.ts';
