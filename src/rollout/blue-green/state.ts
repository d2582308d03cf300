import type {
  ForwardRuleObservation,
  GroupObservation,
  RolloutMark,
  TargetObservation,
} from '../model/index.ts';
import { isTerminating, savedTemplateVersion } from '../model/index.ts';
import type { KeepsRequests } from '../plan/index.ts';

/** One of the two groups as AWS has it: what it launches, how much of it is there, and its share of the requests. */
export interface Side {
  name: string;
  targetGroupArn: string;
  group: GroupObservation;
  /** Per cent of the requests, by the rule's weights. */
  weight: number;
  /** The saved template version; undefined where that is no number. */
  version: number | undefined;
  /** Instances that are not on their way out. */
  staying: number;
  /** Those of them that the load balancer calls healthy: how many, and which. */
  serving: number;
  healthy: ReadonlySet<string>;
  /** Those of them that run another version than the saved one. */
  others: number;
}

export type Sides = readonly [Side, Side];

/**
 * Where a blue/green rollout stands, by weights, sizes and versions, and by a tag where that fits them. `from` is the side that was there before,
 * `to` the one that is coming, or has come.
 */
export type FleetState = { from: Side; to: Side } & (
  | {
      kind:
        /** `from` has all requests, and nothing else is up. */
        | 'steady'
        /** `from` has all requests; the version before it is still up, with sizes that nothing changes. */
        | 'warm'
        /** `to` comes up, or waits, without a request. */
        | 'launching'
        /** Both have requests: shifted by a run, or paused. */
        | 'shifting'
        /** `to` has all requests, and `from` is still whole. */
        | 'baking';
    }
  /** Requests go where nothing can answer them. */
  | { kind: 'damaged'; because: string }
);

/** A side from what was read. Pure. */
export function sideOf(
  group: GroupObservation,
  targetGroupArn: string,
  { rule, targets }: { rule: ForwardRuleObservation; targets: readonly TargetObservation[] },
): Side {
  const staying = group.instances.filter((each) => !isTerminating(each));
  const version = savedTemplateVersion(group);
  const total = Object.values(rule.weights).reduce((sum, each) => sum + each, 0);
  const targetsOfIt = new Set(
    targets
      .filter((each) => each.targetGroupArn === targetGroupArn && each.state === 'healthy')
      .map(({ instanceId }) => instanceId),
  );
  const healthy = staying.filter(
    ({ id, lifecycleState }) => lifecycleState === 'InService' && targetsOfIt.has(id),
  );
  return {
    name: group.name,
    targetGroupArn,
    group,
    weight: total === 0 ? 0 : Math.round((100 * (rule.weights[targetGroupArn] ?? 0)) / total),
    version,
    staying: staying.length,
    serving: healthy.length,
    healthy: new Set(healthy.map(({ id }) => id)),
    others: staying.filter(({ templateVersion }) => templateVersion !== version).length,
  };
}

/** Whether there is, or is to be, an instance. */
export function isUp({ group, staying }: Side): boolean {
  return group.desired > 0 || staying > 0;
}

/**
 * The state of two groups behind one rule. Which of them comes a tag says; without one that can be true it is the higher
 * version. Pure.
 */
export function stateOf(sides: Sides): FleetState {
  const [blue, green] = sides;
  const [busy, calm] = green.weight > blue.weight ? [green, blue] : [blue, green];
  const lost = damageOf(sides, busy);
  if (lost !== undefined) return { kind: 'damaged', because: lost, from: busy, to: calm };
  const marked = markedIn(sides);
  const to = marked ?? (versionOf(green) >= versionOf(blue) ? green : blue);
  if (calm.weight > 0) return { kind: 'shifting', from: to === green ? blue : green, to };
  if (!isUp(calm)) return { kind: 'steady', from: busy, to: calm };
  if (marked === undefined ? versionOf(calm) > versionOf(busy) : marked === calm)
    return { kind: 'launching', from: busy, to: calm };
  return marked === undefined && isFrozen(calm)
    ? { kind: 'warm', from: busy, to: calm }
    : { kind: 'baking', from: calm, to: busy };
}

/**
 * The one side that is tagged as what a rollout fills, from the version that the other one has. A tag of which either
 * version is another one by now was left by a rollout that is over, and would turn the next one round.
 */
function markedIn([blue, green]: Sides): Side | undefined {
  const fits = (to: Side, from: Side): boolean =>
    to.version !== undefined && isMarked(to.group, { from: from.version, to: to.version });
  const marked = [...(fits(blue, green) ? [blue] : []), ...(fits(green, blue) ? [green] : [])];
  return marked.length === 1 ? marked[0] : undefined;
}

/** Whether the tag of a group says just this. Pure. */
export function isMarked({ rollout }: Pick<GroupObservation, 'rollout'>, { from, to }: RolloutMark): boolean {
  return rollout?.to === to && rollout.from === from;
}

/** The side that a rollback goes to, as far as what is up says it: the lower version, whichever way a rollout goes. Pure. */
export function sideToGoBackTo(state: FleetState): Side | undefined {
  if (state.kind === 'warm') return state.to;
  if (!isUnderWay(state)) return undefined;
  return versionOf(state.to) < versionOf(state.from) ? state.to : state.from;
}

function versionOf({ version }: Side): number {
  return version ?? 0;
}

/** A fleet that is kept for a way back has sizes that no policy can change. */
function isFrozen({ group: { minSize, desired, maxSize } }: Side): boolean {
  return minSize === desired && maxSize === desired;
}

function damageOf([blue, green]: Sides, busy: Side): string | undefined {
  if (blue.weight + green.weight === 0)
    return `the rule gives neither ${blue.name} nor ${green.name} a weight: every request is refused`;
  const empty = [blue, green].find((side) => side.weight > 0 && !isUp(side));
  if (empty === undefined) return undefined;
  const other = empty === blue ? green : blue;
  // A service that was scaled to nothing has its weight where it will come up again.
  if (empty === busy && other.weight === 0 && !isUp(other)) return undefined;
  return `${empty.name} has ${empty.weight} % of the requests and no instance`;
}

/** What has to be done with two groups to have a version. */
export type Route =
  /** It has all requests, and nothing else is up. */
  | { kind: 'there'; side: Side }
  | {
      kind: 'move';
      from: Side;
      to: Side;
      /** By steps; else all requests go at once, once it serves. */
      gradually: boolean;
    }
  /** Another version is on its way in. */
  | { kind: 'busy'; state: FleetState };

/**
 * The way to a version. What is up with it is used as it is; back to what is still up is one change of the weights.
 *
 * @param keepPrevious the version before may stay up
 */
export function routeTo(state: FleetState, version: number, keepPrevious: boolean): Route {
  const { kind, from, to } = state;
  switch (kind) {
    case 'steady':
      return from.version === version
        ? { kind: 'there', side: from }
        : { kind: 'move', from, to, gradually: isForward(from, version) };
    case 'warm':
      if (from.version !== version) return { kind: 'move', from, to, gradually: isForward(from, version) };
      return keepPrevious
        ? { kind: 'there', side: from }
        : { kind: 'move', from: to, to: from, gradually: false };
    case 'launching':
    case 'shifting':
    case 'baking':
      if (to.version === version)
        return { kind: 'move', from, to, gradually: versionOf(to) > versionOf(from) };
      if (from.version === version) return { kind: 'move', from: to, to: from, gradually: false };
      return { kind: 'busy', state };
    case 'damaged':
      return { kind: 'busy', state };
  }
}

/**
 * Who has all requests in the end of a run that comes to no good one: the side that was there before anything was under
 * way, though this run be the way back to it. Where that way back fails, only a version that had all requests gets them
 * again: any other was never proven. Pure.
 */
export function keepsRequests({ kind, from: before, to }: FleetState, route: Route): KeepsRequests {
  // What was there before is being emptied: that rollout is as good as over.
  const from = kind === 'baking' && before.group.desired === 0 ? to : before;
  if (route.kind !== 'move') return { whenCancelled: from.name, whenFailed: from.name };
  const isWayBack = route.to.name === from.name;
  const hasAll = route.from.weight === 100;
  return { whenCancelled: from.name, whenFailed: isWayBack && !hasAll ? undefined : route.from.name };
}

function isForward(from: Side, version: number): boolean {
  return from.group.desired > 0 && version > versionOf(from);
}

/** The state in words: "shop-prod-green (version 42) has 10 % of the requests, shop-prod (version 41) 90 %". Pure. */
export function stateWords(state: FleetState): string {
  const { kind, from, to } = state;
  const named = ({ name, version }: Side): string => `${name} (version ${version ?? '?'})`;
  switch (kind) {
    case 'damaged':
      return state.because;
    case 'steady':
      return `${named(from)} has all requests`;
    case 'warm':
      return `${named(from)} has all requests; ${named(to)} is kept, with ${to.serving} of ${to.group.desired} instances healthy`;
    case 'launching':
      return `${named(to)} is up with ${to.serving} of ${to.group.desired} instances healthy and no requests; ${named(from)} has them all`;
    case 'shifting':
      return `${named(to)} has ${to.weight} % of the requests, ${named(from)} ${from.weight} %`;
    case 'baking':
      return `${named(to)} has all requests; ${named(from)} is up with ${from.serving} of ${from.group.desired} instances healthy`;
  }
}

/** Whether a rollout is under way: by a run, waiting for a person, or left. Pure. */
export function isUnderWay({ kind }: Pick<FleetState, 'kind'>): boolean {
  return kind === 'launching' || kind === 'shifting' || kind === 'baking';
}

/** The state that one change of the weights makes: all requests to one side. Pure. */
export function stateWithAll(sides: Sides, keeps: string): FleetState {
  const [blue, green] = sides;
  const given = (side: Side): Side => ({ ...side, weight: side.name === keeps ? 100 : 0 });
  return stateOf([given(blue), given(green)]);
}

/** Whether one side is to be given requests that the other has, or that nobody has: then every request is refused. Pure. */
export function needsShift(kept: Side, gone: Side): boolean {
  return gone.weight > 0 || kept.weight === 0;
}

/**
 * Why a side must not get the requests of the other: too little of it serves. Of a run's own way back, what is left is
 * known to have been whole, and an instance or two of it that are being replaced are better than a version that is bad;
 * of a way that is found, it may be what comes up. Pure.
 */
export function tooFew(kept: Side, gone: Side, isOwn: boolean): string | undefined {
  const { name, serving, group } = kept;
  if (serving === 0)
    return `no instance of ${name} is healthy: ${gone.weight > 0 ? 'the requests stay where they are' : 'every request is refused until one is'}`;
  // One that answers is better than nobody.
  if (gone.weight === 0) return undefined;
  if (group.desired === 0) return `${name} is being emptied: the requests stay where they are`;
  const needed = Math.min(group.desired, gone.serving);
  if (serving >= (isOwn ? needed / 2 : needed)) return undefined;
  const are = serving === 1 ? 'is' : 'are';
  return `only ${serving} of ${group.desired} instances of ${name} ${are} healthy, and ${gone.serving} of ${gone.name} serve: the requests stay where they are`;
}

/** The weights that give one side so many per cent. Pure. */
export function weightsOf(from: Side, to: Side, weight: number): Record<string, number> {
  return { [from.targetGroupArn]: 100 - weight, [to.targetGroupArn]: weight };
}
