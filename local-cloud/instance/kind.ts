/** What instances are: containers that really boot, in real time, or simulated ones that need no Docker. */
export type InstanceKind = 'docker' | 'simulated';
