import { gte, inc, minVersion, satisfies, valid } from 'semver';

export type Flavour = 'terraform' | 'tofu';

export interface Candidate {
  flavour: Flavour;
  binary: string;
  /** As `version -json` says, or undefined when the program did not say. */
  version: string | undefined;
}

/** A required_version, and the file that has it. */
export interface Requirement {
  constraint: string;
  file: string;
}

/** What a version has to be. */
export interface Demand {
  /** The input terraform-version: this one, and Terraform. */
  exact: string | undefined;
  /** All of them. */
  requirements: readonly Requirement[];
}

/** Ephemeral values and write-only arguments, with which secrets stay out of the state: both since 1.11. */
export const minimumVersion: Record<Flavour, string> = { terraform: '1.11.0', tofu: '1.11.0' };

/** What is installed where nobody asks for another one. */
export const pinnedVersion = '1.11.4';

/** The program to use of those found on the PATH: Terraform before OpenTofu, or undefined when none will do. */
export function selectTerraform(
  candidates: readonly Candidate[],
  demand: Demand = { exact: undefined, requirements: [] },
): Candidate | undefined {
  const fits = (one: Candidate) => unfit(one, demand) === undefined;
  return (
    candidates.find((candidate) => candidate.flavour === 'terraform' && fits(candidate)) ??
    candidates.find((candidate) => candidate.flavour === 'tofu' && fits(candidate))
  );
}

/** Why a program will not do, for a person; undefined for one that will. */
function unfit({ flavour, binary, version }: Candidate, { exact, requirements }: Demand): string | undefined {
  if (version === undefined || valid(version) === null) return `${binary} does not say its version`;
  if (!gte(version, minimumVersion[flavour]))
    return `${binary} is ${version}, ${minimumVersion[flavour].replace(/\.0$/, '')} or later is needed`;
  if (exact !== undefined && (flavour !== 'terraform' || version !== exact))
    return `${binary} is ${version}, terraform-version is ${exact}`;
  const against = requirements.find(({ constraint }) => !meets(version, constraint));
  return against && `${binary} is ${version}, ${against.file} asks for ${against.constraint}`;
}

/** The version to install: the pinned one if it will do, else the lowest; undefined where there can be none. */
export function versionToInstall({ exact, requirements }: Demand): string | undefined {
  const all = [{ constraint: `>= ${minimumVersion.terraform}`, file: '' }, ...requirements];
  const range = all.map(({ constraint }) => rangeOf(constraint)).join(' ');
  const lowest = minVersion(range)?.version ?? pinnedVersion;
  const wanted = exact === undefined ? [pinnedVersion, lowest, inc(lowest, 'patch') ?? lowest] : [exact];
  return wanted.find((version) => all.every(({ constraint }) => meets(version, constraint)));
}

/** Whether a version meets a constraint; one that can't be read is Terraform's to judge. */
function meets(version: string, constraint: string): boolean {
  const conditions = conditionsIn(constraint);
  return conditions.every(({ operator, range, excluded }) =>
    operator === '!=' ? version !== excluded : satisfies(version, range),
  );
}

/** The range of semver for a constraint, without what it excludes. */
function rangeOf(constraint: string): string {
  return conditionsIn(constraint)
    .map(({ range }) => range)
    .join(' ');
}

/**
 * The conditions of a constraint, which have commas between them.
 * https://developer.hashicorp.com/terraform/language/expressions/version-constraints
 */
function conditionsIn(constraint: string): { operator: string; range: string; excluded: string }[] {
  return constraint.split(',').flatMap((condition) => {
    const { operator = '=', version = '' } =
      // eslint-disable-next-line security/detect-unsafe-regex -- points and hyphens separate its parts
      /^\s*(?<operator>=|!=|>=?|<=?|~>)?\s*v?(?<version>\d+(\.\d+){0,2}(-[\w.]+)?)\s*$/.exec(condition)
        ?.groups ?? {};
    if (version === '') return [];
    const parts = version.split('-')[0]?.split('.') ?? [];
    const [major = '0', minor = '0', patch = '0'] = parts;
    const suffix = version.includes('-') ? version.slice(version.indexOf('-')) : '';
    const full = `${major}.${minor}.${patch}${suffix}`;
    return [{ operator, excluded: full, range: rangeFor(operator, full, parts.length) }];
  });
}

/** `~>` lets the last number that is written grow, and `!=` says nothing of a range. */
function rangeFor(operator: string, version: string, written: number): string {
  if (operator === '!=') return '*';
  if (operator !== '~>') return `${operator}${version}`;
  if (written === 1) return `>=${version}`;
  const [major = '0', minor = '0'] = version.split('.');
  const below = written === 2 ? `${Number(major) + 1}.0.0` : `${major}.${Number(minor) + 1}.0`;
  return `>=${version} <${below}-0`;
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
export function whyNot(
  candidates: readonly Candidate[],
  demand: Demand = { exact: undefined, requirements: [] },
): string {
  if (candidates.length === 0) return 'neither terraform nor tofu is on the PATH';
  return candidates.map((one) => unfit(one, demand)).join('; ');
}
