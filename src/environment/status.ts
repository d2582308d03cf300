import { duration, shortCommit, shortDigest, splitDigest } from '../core/index.ts';
import type { ImageFacts } from '../image/index.ts';
import { commitOf, commitTag } from '../image/index.ts';
import type { FleetState, GroupObservation, RefreshObservation } from '../rollout/index.ts';
import {
  evaluateGroup,
  isActive,
  isTerminating,
  isUnderWay,
  savedTemplateVersion,
  stateWords,
  statusMeaning,
} from '../rollout/index.ts';
import type { Environment } from './environment.ts';
import {
  choices,
  figureMinutes,
  stateOfGroup,
  unfinishedLines,
  unfinishedOf,
  type UnfinishedStatus,
} from './unfinished.ts';
import { howItEnded, rollbackTarget, runsSince } from './history.ts';

export interface VersionStatus {
  version: number;
  image: string;
  /** The commit that the image is tagged with, or another tag of it; '' when it has none. */
  commit: string;
  instances: number;
  healthy: number;
  /** ISO 8601; '' when AWS no longer knows. */
  since: string;
}

/** What runs where, as data: the output `running`. */
export interface StatusReport {
  url: string;
  group: string;
  desired: number;
  versions: VersionStatus[];
  /** How two groups share the requests; null where there is one. */
  blueGreen: BlueGreenStatus | null;
  /** Two versions in one group, of which a person says how it goes on; null where there is nothing to be said. */
  unfinished: UnfinishedStatus | null;
  activeRefresh: { id: string; status: string; percentage: number; version: string } | null;
  rollbackTarget: { version: number; image: string; commit: string; assumed: boolean } | null;
  /** Sentences. */
  drift: string[];
}

/** Both groups of a blue/green environment. */
export interface BlueGreenStatus {
  state: FleetState['kind'];
  /** The same in words. */
  words: string;
  groups: {
    group: string;
    version: number;
    weight: number;
    instances: number;
    healthy: number;
    /** Of the last minutes; null where nothing is known of them. */
    requests: number | null;
    errors: number | null;
  }[];
  /** Minutes that requests and errors are of. */
  minutes: number;
}

/** The versions whose images a report shows: those that instances run, and where a rollback would go. */
export function versionsToShow(environment: Environment): number[] {
  const running = instancesOf(environment).flatMap(({ templateVersion }) => templateVersion ?? []);
  const saved = savedTemplateVersion(environment.group);
  const back = rollbackTarget(environment)?.version;
  const all = [...running, ...(saved === undefined ? [] : [saved]), ...(back === undefined ? [] : [back])];
  return [...new Set(all)].sort((one, other) => other - one);
}

/** Of all groups that there are. */
function instancesOf({
  group,
  fleets,
}: Pick<Environment, 'group' | 'fleets'>): GroupObservation['instances'] {
  return fleets === undefined ? group.instances : fleets.sides.flatMap((side) => side.group.instances);
}

/** repository@digest of a version, '' when its user data names none. */
export function imageOf({ versions }: Pick<Environment, 'versions'>, version: number): string {
  return versions.find((each) => each.version === version)?.image ?? '';
}

/** Pure. */
export function statusReport(
  environment: Environment,
  images: ReadonlyMap<string, ImageFacts>,
): StatusReport {
  const { group, outputs, refreshes } = environment;
  const back = rollbackTarget(environment);
  const commitOf = (version: number) => commitTag(images.get(imageOf(environment, version))?.tags ?? []);
  const active = refreshes.find(isActive);
  const shown = versionsToShow(environment).filter(
    (version) =>
      version === savedTemplateVersion(group) ||
      instancesOf(environment).some(({ templateVersion }) => templateVersion === version),
  );
  return {
    url: outputs.url,
    group: group.name,
    desired: group.desired,
    versions: shown.map((version) => ({
      version,
      image: imageOf(environment, version),
      commit: commitOf(version),
      ...countOf(environment, version),
      since: sinceOf(environment, version),
    })),
    blueGreen: blueGreenOf(environment),
    unfinished: unfinishedOf(environment),
    activeRefresh: active === undefined ? null : activeOf(active),
    rollbackTarget:
      back === undefined
        ? null
        : {
            version: back.version,
            image: imageOf(environment, back.version),
            commit: commitOf(back.version),
            assumed: back.from === 'assumed',
          },
    drift: driftOf(environment, images),
  };
}

/** Of two groups no refresh tells when a version came. */
function sinceOf(environment: Environment, version: number): string {
  if (environment.fleets !== undefined) return '';
  return runsSince(environment, version, environment.group.createdAt)?.toISOString() ?? '';
}

function activeOf({ id, status, percentageComplete, target }: RefreshObservation) {
  return { id, status, percentage: percentageComplete, version: target?.version ?? '' };
}

function countOf({ group, fleets, targets, outputs }: Environment, version: number) {
  const target = { templateId: outputs.launchTemplateId, version, previousVersion: undefined };
  const groups = fleets === undefined ? [group] : fleets.sides.map((side) => side.group);
  const counts = groups.map((each) => evaluateGroup(each, targets, target));
  const healthy = counts.reduce((sum, { serving }) => sum + serving.length, 0);
  return { instances: counts.reduce((sum, { unhealthy }) => sum + unhealthy.length, healthy), healthy };
}

function blueGreenOf({ fleets, traffic = [] }: Environment): BlueGreenStatus | null {
  if (fleets === undefined) return null;
  const recent = traffic.slice(-figureMinutes);
  const sum = (arn: string, of: 'requests' | 'errors') =>
    recent.length === 0
      ? null
      : Math.round(recent.reduce((all, { byTargetGroup }) => all + (byTargetGroup[arn]?.[of] ?? 0), 0));
  return {
    state: fleets.state.kind,
    words: stateWords(fleets.state),
    groups: fleets.sides.map(({ name, version, weight, staying, serving, targetGroupArn }) => ({
      ...{ group: name, version: version ?? 0, weight, instances: staying, healthy: serving },
      requests: sum(targetGroupArn, 'requests'),
      errors: sum(targetGroupArn, 'errors'),
    })),
    minutes: recent.length,
  };
}

/** What is not as the group's own configuration and Terraform say. */
function driftOf(environment: Environment, images: ReadonlyMap<string, ImageFacts>): string[] {
  const { group, outputs, versions } = environment;
  const saved = savedTemplateVersion(group);
  const says = group.template?.version ?? 'no template';
  const staying = group.instances.filter((each) => !isTerminating(each));
  const others = staying.filter(
    ({ templateVersion, templateId }) =>
      templateVersion !== saved || (templateId ?? outputs.launchTemplateId) !== outputs.launchTemplateId,
  );
  const newest = versions[0]?.version ?? outputs.launchTemplateVersion;
  const ended = howItEnded(environment, newest);
  const back = rollbackTarget(environment);
  const stored = back === undefined ? undefined : images.get(imageOf(environment, back.version))?.state;
  const refreshing = environment.refreshes.some(isActive);
  const unsure = versions.find(({ version, ambiguous }) => version === saved && ambiguous === true);
  const { state } = environment.fleets ?? {};
  const half = stateOfGroup(environment);
  const isTold = half.kind === 'paused' || half.kind === 'partly-replaced';
  const found: [boolean, string][] = [
    [
      state?.kind === 'damaged',
      `${state === undefined ? '' : stateWords(state)}; the command abort mends that`,
    ],
    [
      unsure !== undefined,
      `the user data of version ${says} names several images, and which one is the application's can't be told from the output repository_url (${outputs.repositoryUrl}): ${unsure?.image ?? ''} is taken for it`,
    ],
    [
      saved === undefined,
      `the group launches ${says} instead of a numbered version: a rollback has no true target`,
    ],
    [
      saved !== undefined && others.length > 0 && !refreshing && !isTold && environment.fleets === undefined,
      `${others.length} of ${staying.length} instances do not run version ${says}, which the group launches: ${others
        .map(({ id }) => id)
        .slice(0, 5)
        .join(', ')}`,
    ],
    [
      saved !== undefined &&
        newest > saved &&
        !(state !== undefined && isUnderWay(state)) &&
        !(isTold && half.version === newest),
      `version ${newest} is the newest and is not rolled out${ended === undefined ? '' : ` (its last rollout: ${ended})`}`,
    ],
    [
      newest !== outputs.launchTemplateVersion,
      `version ${newest} was not made by Terraform, whose last one is ${outputs.launchTemplateVersion}`,
    ],
    [
      stored === 'missing',
      `the image of version ${back?.version ?? ''} is gone from the registry: a rollback to it is not possible`,
    ],
    [
      stored === 'archived',
      `the image of version ${back?.version ?? ''} is archived in the registry: a rollback to it restores it first, which takes up to 20 minutes`,
    ],
  ];
  return found.flatMap(([holds, sentence]) => (holds ? [sentence] : []));
}

/** The report as lines for a person: the environment, a table of versions, what needs attention. */
export function statusLines(
  report: StatusReport,
  of: { application: string; environment: string; region: string; now: number },
): string[] {
  const { activeRefresh: active, rollbackTarget: back } = report;
  const { blueGreen, unfinished } = report;
  const refresh =
    active === null
      ? (blueGreen?.words ?? unfinished?.words ?? 'no refresh is running')
      : `instance refresh ${active.id} to version ${active.version} is ${statusMeaning(active.status).words}, ${active.percentage} %`;
  const unknownSince = blueGreen === null ? 'longer than AWS remembers' : 'not known';
  const rows = [
    ['version', 'image', 'commit', 'instances', 'since'],
    ...report.versions.map((each) => [
      String(each.version),
      digestOf(each.image),
      shortTag(each.commit),
      each.instances === 0 ? 'none' : `${each.healthy} of ${each.instances} healthy`,
      each.since === '' ? unknownSince : ago(each.since, of.now),
    ]),
    ...(back === null || report.versions.some(({ version }) => version === back.version)
      ? []
      : [
          [
            String(back.version),
            digestOf(back.image),
            shortTag(back.commit),
            back.assumed ? 'earlier' : 'previous good',
            'rollback target',
          ],
        ]),
  ];
  return [
    [`${of.application} ${of.environment}`, of.region, report.url, refresh].join('   '),
    ...columns(rows).map((line) => `  ${line}`),
    ...(blueGreen === null ? [] : blueGreenLines(blueGreen)),
    ...(unfinished === null ? [] : unfinishedLines(unfinished)),
    ...(back === null ? ['  there is no earlier version to roll back to'] : []),
    ...report.drift.map((sentence) => `  ! ${sentence}`),
  ];
}

/** Shares and figures, and what a person can do where something is under way. */
function blueGreenLines({ state, groups, minutes }: BlueGreenStatus): string[] {
  const rows = groups.map(({ group, version, weight, instances, healthy, requests, errors }) => [
    group,
    `version ${version}`,
    `${weight} % of the requests`,
    instances === 0 ? 'no instance' : `${healthy} of ${instances} healthy`,
    ...(requests === null || errors === null
      ? []
      : [`${requests} requests and ${errors} errors in ${minutes} min`]),
  ]);
  const waits = isUnderWay({ kind: state });
  return [...columns(rows).map((line) => `  ${line}`), ...(waits ? [choices] : [])];
}

function ago(since: string, now: number): string {
  return duration(Math.max(0, (now - Date.parse(since)) / 1000));
}

function digestOf(image: string): string {
  return image === '' ? 'unknown' : shortDigest(splitDigest(image).digest);
}

function shortTag(tag: string): string {
  const commit = commitOf(tag);
  return commit === '' ? tag || '-' : `${shortCommit(commit)}${tag.slice(commit.length)}`;
}

function columns(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
