/** Amazon ECR: an OCI registry, and the API over the same images. */
export { Blobs } from './blobs.ts';
export { createEcr } from './ecr.ts';
export { type RegistryServer, startRegistry } from './oci.ts';
export { answerPeer, type PeerQuestion, Peers } from './peers.ts';
export { Repositories } from './repositories.ts';
export { Tokens } from './tokens.ts';
