import { fetchOut } from '../../proxy/index.ts';
import type { RolloutContext } from '../context/index.ts';
import type { GroupEvaluation, RolloutFacts, RolloutProgress } from '../model/index.ts';
import type { GroupSnapshot, RolloutEstimate } from '../plan/index.ts';
import type { Finding } from '../preflight/index.ts';
import { wayAround, type Obstacle } from './reach.ts';
import {
  addressOf,
  smokeTest,
  type SmokeOutcome,
  type SmokeTest,
  type SmokeTestDependencies,
} from './request.ts';

/** Serving instances of the new version, among all that serve. */
export interface Share {
  fresh: number;
  all: number;
}

/** A smoke test that condemns the rollout. */
export interface SmokeFailure {
  test: SmokeTest;
  attempts: number;
  said: string;
  /** Undefined once all instances are new. */
  share: Share | undefined;
}

/** A smoke test that could not be made: it says nothing about the version. */
export interface SmokeTestUnmade {
  test: SmokeTest;
  attempts: number;
  said: string;
  obstacle: Obstacle;
}

/** How a smoke test at the end came out, where it was not passed. */
export type SmokeTestEnd =
  | { kind: 'failed'; failure: SmokeFailure }
  | { kind: 'unreachable'; unmade: SmokeTestUnmade }
  | { kind: 'cancelled' };

/** Seconds that the name of a load balancer which was just made may need until it resolves everywhere. */
const patienceWithNew = 120;

/** How sure a test wants to be that a new instance was among those that answered. */
const certainty = 0.99;
const mostRequests = 100;
/** Requests of a preview at least: one of several nodes of the load balancer may be late to take its rule up. */
const previewRequests = 5;

/**
 * Requests after which a new instance has answered one with 99 % certainty, when the load balancer gives each
 * instance an equal chance. A hundred at most: what that leaves open is told.
 */
export function requestsFor({ fresh, all }: Share): number {
  if (fresh >= all) return 1;
  if (fresh <= 0) return mostRequests;
  return Math.min(mostRequests, Math.ceil(Math.log(1 - certainty) / Math.log(1 - fresh / all)));
}

/** How many of the moments have come at which the service is asked: new instances serve, a checkpoint, the bake time. */
export function momentsPassed(
  { instances }: Pick<RolloutFacts, 'instances'>,
  { percentageComplete, stage }: Pick<RolloutProgress, 'percentageComplete' | 'stage'>,
  checkpoints: number[],
): number {
  if (!instances.some(({ serving }) => serving)) return 0;
  const reached = checkpoints.filter((percentage) => percentage < 100 && percentageComplete >= percentage);
  return 1 + reached.length + (stage === 'baking' ? 1 : 0);
}

/**
 * The smoke test over a rollout. In a mixed fleet nobody can tell which version answered, so the answers are
 * compared with those that the old version alone gave before: where these were good, every answer must be; where
 * they were not (a path that only the new version has, say), a bad answer proves nothing and a good one does.
 */
export class RolloutSmokeTest {
  readonly #context: RolloutContext;
  readonly #test: SmokeTest;
  readonly #tools: SmokeTestDependencies;
  #oldIsGood = false;
  #asked = 0;

  constructor(context: RolloutContext, test: SmokeTest, ask: typeof fetch = fetchOut) {
    this.#context = context;
    this.#test = test;
    this.#tools = { clock: context.clock, fetch: ask, signal: context.run.signal };
  }

  /**
   * Whether this runner can ask at all, before anything is touched. An error, but for a group of which nothing serves:
   * a load balancer of connections refuses them then, and the rollout may be the cure.
   */
  async reach({ group, targets }: Pick<GroupSnapshot, 'group' | 'targets'>): Promise<Finding[]> {
    if (group.desired === 0) return [];
    const outcome = await smokeTest(anyAnswer(this.#test), { requests: 1, passes: 'every' }, this.#tools);
    if (outcome.kind !== 'unreachable') return [];
    const nothingServes =
      group.targetGroupArns.length > 0 && !targets.some(({ state }) => state === 'healthy');
    return [
      {
        code: 'smoke-test-unreachable',
        severity: nothingServes ? 'warning' : 'error',
        what: `the smoke test can't be made: this runner does not reach ${addressOf(this.#test)} (${outcome.said})`,
        why: 'nobody would see whether the new version answers, and a network that is closed says nothing about a version',
        fix: adviceFor(outcome.obstacle),
      },
    ];
  }

  /** Asks the old version, as often as the first new instances will make it necessary. */
  async before({
    atATime,
    highestCapacity,
  }: Pick<RolloutEstimate, 'atATime' | 'highestCapacity'>): Promise<void> {
    const requests = requestsFor({ fresh: atATime, all: highestCapacity });
    const once = { ...this.#test, attempts: 1 };
    const outcome = await smokeTest(once, { requests, passes: 'every' }, this.#tools);
    this.#oldIsGood = outcome.kind === 'passed';
    if (outcome.kind !== 'failed' && outcome.kind !== 'unreachable') return;
    this.#say(
      `${this.#test.path} does not answer as it should yet (${outcome.said}): until every instance is new, only a good answer means something`,
    );
  }

  /** Asks when there is a reason to, while the rollout goes on. */
  async during(
    facts: Pick<RolloutFacts, 'instances' | 'oldServing'>,
    progress: RolloutProgress,
    checkpoints: number[],
  ): Promise<SmokeFailure | undefined> {
    const moments = momentsPassed(facts, progress, checkpoints);
    if (moments <= this.#asked) return undefined;
    this.#asked = moments;
    const fresh = facts.instances.filter(({ serving }) => serving).length;
    const end = await this.#askAbout({ fresh, all: fresh + facts.oldServing });
    if (end?.kind === 'unreachable')
      this.#say(
        `this runner does not reach ${addressOf(this.#test)} now (${end.unmade.said}): that is no fault of the version, and decides nothing`,
      );
    return end?.kind === 'failed' ? end.failure : undefined;
  }

  /**
   * Asks the new version alone, before it has requests, through a rule that only these headers pass.
   * @param serving instances of which each is to have answered
   */
  async preview(
    headers: Readonly<Record<string, string>>,
    serving: number,
  ): Promise<SmokeFailure | undefined> {
    const test = { ...this.#test, headers };
    const requests = Math.min(mostRequests, Math.max(previewRequests, 2 * serving));
    const outcome = await smokeTest(test, { requests, passes: 'every' }, this.#tools);
    switch (outcome.kind) {
      case 'cancelled':
        return undefined;
      case 'failed':
        return { ...outcome, test: this.#test, share: undefined };
      case 'unreachable':
        this.#say(
          `this runner does not reach ${addressOf(test)} now (${outcome.said}): that is no fault of the version, and decides nothing`,
        );
        return undefined;
      case 'passed':
        this.#say(
          `${test.path} answers ${outcome.said.replace('HTTP ', '')} ${outcome.answers} times in the preview, where the new version is alone`,
        );
        return undefined;
    }
  }

  /**
   * Asks when the rollout is over.
   * @param isNew the load balancer may have been made by this run
   */
  async after({ serving, outdated }: GroupEvaluation, isNew: boolean): Promise<SmokeTestEnd | undefined> {
    const share = { fresh: serving.length, all: serving.length + outdated.length };
    return this.#askAbout(share, isNew ? patienceWithNew : 0);
  }

  async #askAbout(share: Share, patience = 0): Promise<SmokeTestEnd | undefined> {
    const requests = requestsFor(share);
    const mixed = share.fresh < share.all;
    const passes = mixed && !this.#oldIsGood ? 'any' : 'every';
    const test = this.#test;
    const outcome = await smokeTest(test, { requests, passes, patience }, this.#tools);
    if (outcome.kind === 'cancelled') return outcome;
    if (outcome.kind === 'unreachable') return { kind: 'unreachable', unmade: { ...outcome, test } };
    if (outcome.kind === 'failed' && passes === 'every') {
      return { kind: 'failed', failure: { ...outcome, test, share: mixed ? share : undefined } };
    }
    this.#say(outcomeLine(outcome, { path: test.path, passes, share }));
    return undefined;
  }

  #say(text: string): void {
    this.#context.run.log.line(`smoke test: ${text}`);
  }
}

/** The same test, which any answer passes. */
function anyAnswer(test: SmokeTest): SmokeTest {
  return { ...test, statuses: [[100, 599]], body: undefined };
}

/** What a person does where the smoke test can't be made. */
export function adviceFor(obstacle: Obstacle): string {
  return `${wayAround[obstacle]}; or leave smoke-test-path out, and the load balancer's own health checks decide`;
}

/** What is told of a test that condemns nothing. Pure. */
export function outcomeLine(
  outcome: Extract<SmokeOutcome, { kind: 'passed' | 'failed' }>,
  { path, passes, share }: { path: string; passes: 'every' | 'any'; share: Share },
): string {
  const { fresh, all } = share;
  const mixture = `${fresh} of ${all} serving instances ${fresh === 1 ? 'is' : 'are'} new`;
  if (outcome.kind === 'failed')
    return `no good answer from ${path} while ${mixture} (${outcome.said}); the old version gave none either, so this decides nothing`;
  const again = outcome.attempts > 1 ? ` (attempt ${outcome.attempts})` : '';
  const answers = `${path} answers ${outcome.said.replace('HTTP ', '')} through the load balancer`;
  if (fresh >= all) return `${answers}${again}`;
  if (passes === 'any') return `${answers} while ${mixture}, as the old version did not${again}`;
  const sure = Math.floor(100 * (1 - (1 - fresh / all) ** outcome.answers));
  return `${answers}, ${outcome.answers} times, while ${mixture}: ${sure} % sure that a new one was asked${again}`;
}
