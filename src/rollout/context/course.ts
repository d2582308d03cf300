import type { RolloutCourse, Series, Span } from '../../core/index.ts';
import type { RolloutStage } from '../model/index.ts';

/** Every instance of a group at one moment, as far as the course needs it. */
export interface GroupSight {
  desired: number;
  instances: {
    id: string;
    /** Launch template version; undefined for instances of a launch configuration. */
    version: number | undefined;
    serving: boolean;
    /** It is on its way out. */
    leaving: boolean;
  }[];
}

/** Points of a series, rows of instances and spans of stages that are kept at most. */
const most = { points: 60, rows: 12, stages: 12 };

/** One instance from when it was first seen; clock seconds. */
interface Life {
  id: string;
  version: number | undefined;
  from: number;
  servedAt: number | undefined;
  /** When it was first seen to leave, or to be gone. */
  to: number | undefined;
}

const stageNames: Record<Exclude<RolloutStage, 'over'>, string> = {
  pending: 'waiting to begin',
  replacing: 'replacing',
  launching: 'launching',
  shifting: 'shifting requests',
  baking: 'watching the alarms',
  cancelling: 'being cancelled',
  'rolling-back': 'going back',
  unknown: 'under way',
};

/**
 * Takes note of a rollout as it goes, and gives its course at the end. It decides nothing. All times are clock seconds;
 * those that it gives are since the start.
 */
export class CourseRecorder {
  readonly #start: number;
  readonly #lives = new Map<string, Life>();
  readonly #serving = new Map<string, Series['points']>();
  readonly #all: Series['points'] = [];
  readonly #stages: { stage: RolloutStage; from: number }[] = [];
  #firstSight: number | undefined;
  #fewest: RolloutCourse['fewest'];
  #servedAtFirst: boolean | undefined;

  constructor(start: number) {
    this.#start = start;
  }

  stage(now: number, stage: RolloutStage): void {
    if (this.#stages.at(-1)?.stage !== stage) this.#stages.push({ stage, from: now });
  }

  /** @param sight undefined where nobody could look */
  see(now: number, sight: GroupSight | undefined): void {
    if (sight === undefined) return;
    this.#firstSight ??= now;
    this.#seeInstances(now, sight);
    const serving = sight.instances.filter((instance) => instance.serving && !instance.leaving);
    const counts = new Map<string, number>([...this.#serving.keys()].map((name) => [name, 0]));
    for (const { version } of sight.instances) counts.set(versionName(version), 0);
    for (const { version } of serving)
      counts.set(versionName(version), (counts.get(versionName(version)) ?? 0) + 1);
    const at = this.#seconds(now);
    for (const [name, count] of counts) {
      const points = this.#serving.get(name) ?? (at > 0 && this.#all.length > 0 ? [[0, 0]] : []);
      this.#serving.set(name, points);
      points.push([at, count]);
    }
    this.#all.push([at, serving.length]);
    this.#servedAtFirst ??= serving.length > 0;
    if (this.#servedAtFirst && serving.length < (this.#fewest?.serving ?? Infinity))
      this.#fewest = { serving: serving.length, desired: sight.desired, at };
  }

  /** What was seen until now; undefined where nobody ever looked. */
  course(now: number): RolloutCourse | undefined {
    if (this.#all.length === 0) return undefined;
    const seconds = this.#seconds(now);
    const kept = (name: string, points: Series['points']): Series => ({
      name,
      points: thinned(points, most.points),
    });
    return {
      seconds,
      series: [...this.#serving].map(([name, points]) => kept(name, points)),
      ...(this.#serving.size > 1 && { total: kept('in all', this.#all) }),
      spans: [...this.#stageSpans(seconds), ...this.#instanceSpans(seconds)],
      ...(this.#fewest && { fewest: this.#fewest }),
    };
  }

  #seeInstances(now: number, { instances }: GroupSight): void {
    for (const { id, version, serving, leaving } of instances) {
      const life = this.#lives.get(id) ?? { id, version, from: now, servedAt: undefined, to: undefined };
      this.#lives.set(id, life);
      if (serving) life.servedAt ??= now;
      if (leaving) life.to ??= now;
    }
    const there = new Set(instances.map(({ id }) => id));
    for (const life of this.#lives.values()) if (!there.has(life.id)) life.to ??= now;
  }

  #stageSpans(end: number): Span[] {
    return this.#stages.slice(-most.stages).flatMap(({ stage, from }, index, stages) => {
      if (stage === 'over') return [];
      const to = stages[index + 1];
      const span = { from: this.#seconds(from), to: to === undefined ? end : this.#seconds(to.from) };
      return [{ row: 'rollout', name: stageNames[stage], ...span, kind: 'stage' as const }];
    });
  }

  #instanceSpans(end: number): Span[] {
    const lives = [...this.#lives.values()].map(({ id, version, from, servedAt, to }) => ({
      ids: [id],
      version: versionName(version),
      from: this.#seconds(from),
      servedAt: servedAt === undefined ? undefined : this.#seconds(servedAt),
      to: to === undefined ? end : this.#seconds(to),
      // What has just been launched may be seen at the first look.
      wasThere: from === this.#firstSight && servedAt === from,
      // What was on its way out when it was first seen may have served before.
      isBad: servedAt === undefined && to !== undefined && to > from,
    }));
    return cohorts(lives, most.rows).flatMap((cohort, index) => spansOf(cohort, index + 1));
  }

  #seconds(clock: number): number {
    return Math.max(0, Math.round(clock - this.#start));
  }
}

function versionName(version: number | undefined): string {
  return version === undefined ? 'without a version' : `version ${version}`;
}

/**
 * At most so many points, one for each stretch of time: the one that is farthest from the stretch before, so that neither
 * a short dip nor the end is lost. Pure.
 */
export function thinned(points: Series['points'], size: number): Series['points'] {
  const changes = points.filter(([, value], index) => value !== points[index - 1]?.[1]);
  const last = points.at(-1);
  if (last === undefined || changes.length < size) return withLast(changes, last);
  const width = (last[0] + 1) / (size - 1);
  const kept: Series['points'] = [];
  for (let stretch = 0; stretch < size - 1; stretch += 1) {
    const own = changes.filter(([at]) => Math.floor(at / width) === stretch);
    const before = kept.at(-1)?.[1] ?? 0;
    const distance = (value: number): number => Math.abs(value - before);
    const farthest = own.toSorted(([, one], [, other]) => distance(other) - distance(one))[0];
    if (farthest) kept.push(farthest);
  }
  return withLast(kept, last);
}

function withLast(points: Series['points'], last: Series['points'][number] | undefined): Series['points'] {
  const [at, value] = points.at(-1) ?? [];
  return last === undefined || (at === last[0] && value === last[1]) ? points : [...points, last];
}

/** One or more instances that are shown as one. */
interface Cohort {
  ids: string[];
  version: string;
  from: number;
  /** When the last of those that ever served did so. */
  servedAt: number | undefined;
  to: number;
  wasThere: boolean;
  /** It went without ever having served. */
  isBad: boolean;
}

/**
 * At most so many rows: where there are more instances, those of one version with one fate are put together in the order
 * in which they came and went. Pure.
 */
export function cohorts(lives: readonly Cohort[], rows: number): Cohort[] {
  const inOrder = (one: Cohort, other: Cohort): number => one.from - other.from || one.to - other.to;
  if (lives.length <= rows) return lives.toSorted(inOrder);
  const kinds = new Map<string, Cohort[]>();
  for (const life of lives) {
    const kind = `${life.version}|${life.isBad}|${life.wasThere}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), life]);
  }
  const free = Math.max(0, rows - kinds.size);
  return [...kinds.values()]
    .flatMap((kind) => {
      const share = 1 + Math.floor((free * kind.length) / lives.length);
      const size = Math.ceil(kind.length / share);
      const sorted = kind.toSorted(inOrder);
      return Array.from({ length: Math.ceil(kind.length / size) }, (_, index) =>
        together(sorted.slice(index * size, (index + 1) * size)),
      );
    })
    .toSorted(inOrder);
}

function together(lives: Cohort[]): Cohort {
  const served = lives.flatMap(({ servedAt }) => (servedAt === undefined ? [] : [servedAt]));
  const { version = '', isBad = false, wasThere = false } = lives[0] ?? {};
  return {
    ids: lives.flatMap(({ ids }) => ids),
    version,
    isBad,
    wasThere,
    from: Math.min(...lives.map(({ from }) => from)),
    servedAt: served.length === 0 ? undefined : Math.max(...served),
    to: Math.max(...lives.map(({ to }) => to)),
  };
}

/** @param number tells rows of as many instances apart */
function spansOf({ ids, version, from, servedAt, to, wasThere, isBad }: Cohort, number: number): Span[] {
  const [id = ''] = ids;
  const row = ids.length === 1 ? id : `${ids.length} instances (${number})`;
  if (isBad) return [{ row, name: `${version}, never healthy`, from, to, kind: 'bad' }];
  const healthy = servedAt ?? to;
  const spans: Span[] = [
    { row, name: 'starting', from, to: healthy, kind: 'waiting' },
    { row, name: version, from: healthy, to, kind: wasThere ? 'before' : 'working' },
  ];
  return spans.filter((span) => span.to > span.from);
}
