import type { Backend } from '../core/index.ts';

/** What a person types in the Terraform folder to release a lock whose owner is dead. */
export function releaseCommand(
  { bucket, lockTable }: Pick<Backend, 'bucket' | 'lockTable'>,
  stateKey: string,
  { id, region }: { id: string | undefined; region: string },
): string {
  const table = lockTable === undefined ? '' : ` -backend-config=dynamodb_table=${lockTable}`;
  return `terraform init -reconfigure -backend-config=bucket=${bucket} -backend-config=key=${stateKey} -backend-config=region=${region} -backend-config=use_lockfile=true${table} && terraform force-unlock ${id ?? '<lock id>'}`;
}
