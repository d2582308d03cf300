/** Amazon EC2 instances: containers that boot as one does, and what EC2 says about instances of either kind. */
export { containerName, createDockerDriver } from './docker-driver.ts';
export { createInstanceService } from './ec2.ts';
export { ensureInstanceImage } from './image.ts';
export { accessKeyIdOf, sessionTokenOf } from './metadata.ts';
export type { InstanceKind } from './kind.ts';
export { type Instances, rememberInstances } from './records.ts';
