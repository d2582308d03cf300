import type { Diagnostic } from './events.ts';

/** Error codes and messages of a name that is taken: each service's API reference. */
const taken = /AlreadyExist|AlreadyOwnedByYou|\bDuplicate(LoadBalancer|TargetGroup)Name\b|\balready exists\b/;

/** What to do about a resource that can't be made because it is there; undefined for other errors. Pure. */
export function existingAdvice(errors: readonly Diagnostic[]): string | undefined {
  const there = errors.filter(({ summary, detail = '' }) => taken.test(`${summary}\n${detail}`));
  if (there.length === 0 || there.length < errors.length) return undefined;
  const imports = there.flatMap(({ address }) =>
    address === undefined ? [] : [`terraform import '${address}' <id>`],
  );
  const how = imports.length === 0 ? '' : ` (${imports.join('; ')})`;
  return `what is there already is not in this state: somebody made it by hand or in another root, or a Terraform of this one was killed before it could write it down. Take it away if nothing uses it, or, in the Terraform folder initialised with this backend, import it${how}; then run this job again`;
}
