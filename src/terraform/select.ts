import { gte, valid } from 'semver';

export type Flavour = 'terraform' | 'tofu';

export interface Candidate {
  flavour: Flavour;
  binary: string;
  /** As `version -json` says, or undefined when the program did not say. */
  version: string | undefined;
}

/** Ephemeral values and write-only arguments, with which secrets stay out of the state: both since 1.11. */
export const minimumVersion: Record<Flavour, string> = { terraform: '1.11.0', tofu: '1.11.0' };

/** The program to use of those found on the PATH: Terraform before OpenTofu, or undefined when none will do. */
export function selectTerraform(candidates: readonly Candidate[]): Candidate | undefined {
  const fits = ({ flavour, version }: Candidate) =>
    version !== undefined && valid(version) !== null && gte(version, minimumVersion[flavour]);
  return (
    candidates.find((candidate) => candidate.flavour === 'terraform' && fits(candidate)) ??
    candidates.find((candidate) => candidate.flavour === 'tofu' && fits(candidate))
  );
}

/** The version in what `version -json` printed; a wrapper may have put lines of its own around the JSON. */
export function parseVersion(stdout: string): string | undefined {
  const json = stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1);
  try {
    const { terraform_version: version } = JSON.parse(json) as { terraform_version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** "terraform 1.5.7 on the PATH is too old" and the like, for each program that will not do. */
export function whyNot(candidates: readonly Candidate[]): string {
  if (candidates.length === 0) return 'neither terraform nor tofu is on the PATH';
  return candidates
    .map(({ flavour, binary, version }) =>
      version === undefined
        ? `${binary} does not say its version`
        : `${binary} is ${version}, ${minimumVersion[flavour].replace(/\.0$/, '')} or later is needed`,
    )
    .join('; ');
}
