import { replacementBatch } from '../plan/index.ts';
import type { Finding, PreflightInput } from './finding.ts';

/** What the percentages leave in service, and whether the group has room for what they add. */
export function capacity({ group, settings }: PreflightInput): Finding[] {
  const { desired, maxSize } = group;
  const { minHealthyPercentage } = settings.percentages;
  if (desired === 0) {
    return [
      {
        code: 'no-instances',
        severity: 'warning',
        what: 'the desired capacity of the group is 0',
        why: 'no instance will show whether the version works; it is only saved for the next launch',
        fix: 'raise the desired capacity when the service should run',
      },
    ];
  }
  const first = replacementBatch({ desired, ...settings.percentages, remaining: desired });
  const findings: Finding[] = [];
  if (first.terminateFirst >= desired) {
    findings.push({
      code: 'takes-all-down',
      // Only a minimum of 0 asks for it: any other is broken, since AWS replaces one at a time at least.
      severity: settings.percentagesGiven && minHealthyPercentage === 0 ? 'warning' : 'error',
      what: `${desired === 1 ? 'the only instance' : `all ${desired} instances`} would be terminated before a new one serves`,
      why: 'the service would be down until the new version has booted',
      fix: 'set min-healthy-percentage to 100 and max-healthy-percentage to 200 (or at least 100): launch first, then terminate',
    });
  }
  if (first.surge > 0 && maxSize < desired + first.surge) {
    findings.push({
      code: 'no-room',
      severity: 'warning',
      what: `the maximum size of the group is ${maxSize}, and launching first needs ${desired + first.surge}`,
      why: 'AWS does not say whether a refresh may pass the maximum size; where it may not, this rollout stands still',
      fix: `raise the maximum size of the group to ${desired + first.surge}`,
    });
  }
  return findings;
}
