import { guardAlarms } from './preflight/alarms.ts';
import { capacity } from './preflight/capacity.ts';
import type { Finding, PreflightInput } from './preflight/finding.ts';
import { attachment, healthChecks } from './preflight/health.ts';
import { launchHooks } from './preflight/hooks.ts';
import { images, machineImages } from './preflight/images.ts';
import { setAside, suspendedProcesses } from './preflight/instances.ts';
import { instancePolicy } from './preflight/policy.ts';
import { sameVersion, savedVersion } from './preflight/versions.ts';

export type { Finding, PreflightInput } from './preflight/finding.ts';

const checks: ((input: PreflightInput) => Finding[])[] = [
  savedVersion,
  sameVersion,
  machineImages,
  images,
  instancePolicy,
  suspendedProcesses,
  setAside,
  guardAlarms,
  capacity,
  attachment,
  healthChecks,
  launchHooks,
];

/** Everything that is wrong with rolling out now, errors first. Pure. */
export function preflight(input: PreflightInput): Finding[] {
  const findings = checks.flatMap((check) => check(input));
  return [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))];
}

export function isError({ severity }: Finding): boolean {
  return severity === 'error';
}
