import { guardAlarms } from './alarms.ts';
import { capacity } from './capacity.ts';
import type { Finding, PreflightInput } from './finding.ts';
import { attachment, healthChecks, healthWithoutTargets } from './health.ts';
import { launchHooks } from './hooks.ts';
import { images, machineImages } from './images.ts';
import { retained, setAside, suspendedProcesses } from './instances.ts';
import { instancePolicy } from './policy.ts';
import { sameVersion, savedVersion } from './versions.ts';

export type { Finding, PreflightInput } from './finding.ts';

const checks: ((input: PreflightInput) => Finding[])[] = [
  savedVersion,
  sameVersion,
  machineImages,
  images,
  instancePolicy,
  suspendedProcesses,
  setAside,
  retained,
  guardAlarms,
  capacity,
  attachment,
  healthChecks,
  healthWithoutTargets,
  launchHooks,
];

/** Everything that is wrong with rolling out now, errors first. Pure. */
export function preflight(input: PreflightInput): Finding[] {
  return errorsFirst(checks.flatMap((check) => check(input)));
}

export function errorsFirst(findings: readonly Finding[]): Finding[] {
  return [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))];
}

export function isError({ severity }: Finding): boolean {
  return severity === 'error';
}
