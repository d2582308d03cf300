import { DeployError } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import type { GroupSnapshot } from '../plan/index.ts';
import { readLaunched } from './launched-versions.ts';
import { isError, preflight, type Finding } from './preflight.ts';

/** Reads what the preflight needs beyond the snapshot, and looks for what stands against a rollout, errors first. */
export async function runPreflight(context: RolloutContext, snapshot: GroupSnapshot): Promise<Finding[]> {
  const { target } = context;
  const launched = await readLaunched(context, snapshot.group, target);
  return preflight({ ...snapshot, target, launched });
}

/**
 * Tells every finding, and stops at errors.
 * @throws DeployError `preflight` with what stands against the rollout, why, and what to do
 */
export function requirePreflight({ run, target, group }: RolloutContext, findings: Finding[]): void {
  const [errors, warnings] = [findings.filter(isError), findings.filter((finding) => !isError(finding))];
  for (const { what, why, fix } of warnings) run.log.warning(`${what}: ${why}. What to do: ${fix}`);
  const [first] = errors;
  if (!first) return;
  throw new DeployError({
    reason: 'preflight',
    message:
      errors.length === 1
        ? first.what
        : `${errors.length} things on the group stand against a rollout, first: ${first.what}`,
    evidence: errors.flatMap(({ what, why, fix }) => [
      ...(errors.length > 1 ? [{ label: 'found', text: what }] : []),
      { label: 'why it matters', text: why },
      ...(errors.length > 1 ? [{ label: 'what to do', text: fix }] : []),
    ]),
    left: `no refresh was started: no instance of ${group} was touched; version ${target.version} waits`,
    next: `${errors.length === 1 ? first.fix : 'do what stands under each'}; then run this job again`,
  });
}
