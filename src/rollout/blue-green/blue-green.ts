import type { BlueGreenOutputs } from '../../core/index.ts';
import { bestEffort, withRetry, type RolloutContext } from '../context/index.ts';
import type { Diagnosis } from '../model/index.ts';
import {
  desiredConfiguration,
  nextAction as nextActionOfGroup,
  type GroupSnapshot,
  type NextAction,
} from '../plan/index.ts';
import { errorsFirst, runPreflight, type Finding } from '../preflight/index.ts';
import type { ActiveRollout, Strategy } from '../strategy/index.ts';
import { bothFleets } from './both-fleets.ts';
import { checkBlueGreen, general } from './checks.ts';
import { conclude } from './conclude.ts';
import { settleConcurrent } from './concurrent.ts';
import { courseRules } from './course-rules.ts';
import { Drive, type BlueGreenProgress } from './drive.ts';
import { announce } from './forecast.ts';
import { settleInterrupted } from './interrupted.ts';
import { orderOnCancel } from './order-on-cancel.ts';
import { isEmpty, readBlueGreen, type BlueGreenSnapshot } from './snapshot.ts';
import type { Route } from './state.ts';
import { noTraffic } from './traffic.ts';
import { bothStay, undo, untouched, type WayBack } from './undo.ts';

type Move = Extract<Route, { kind: 'move' }>;

/**
 * Two groups behind one rule of the load balancer: the new version comes up beside the old one, gets its requests by
 * steps, is judged against it, and the old fleet stays until that is over. What stands where is read from weights, sizes
 * and versions at every look.
 */
export function blueGreen(outputs: BlueGreenOutputs): Strategy<BlueGreenProgress> {
  const [blue, green] = outputs.groups;
  return {
    name: 'blue-green',
    noun: 'blue/green rollout',
    inspectCommand: () =>
      `aws elbv2 describe-rules --rule-arns ${outputs.listenerRuleArn}; aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names ${blue.autoscalingGroupName} ${green.autoscalingGroupName}`,
    success: 'all requests go to the new version',
    unwatched:
      'both groups and the weights stay as they are now: the same deployment goes on from there, the command abort takes it back',
    previews: true,
    movesOnly: true,
    snapshot: (context, all) => readBlueGreen(context, all, outputs),
    settleConcurrent: (context, snapshot) => settleConcurrent(context, of(snapshot), outputs),
    nextAction: (snapshot, context) => nextAction(of(snapshot), context),
    preflight: (context, snapshot) => preflight(context, of(snapshot)),
    announce: (context, snapshot, image) => announce(context, of(snapshot), image),
    start: (context, snapshot) => start(context, of(snapshot)),
    progress: (active, { snapshot, smokeTest }) => {
      const { since } = of(snapshot);
      const move = moveOf(of(snapshot));
      const record = (active.traffic ??= noTraffic());
      const rules = courseRules(active.context.run.inputs, active.context.target.version, move);
      const names = { from: move.from.name, to: move.to.name };
      return isEmpty(move)
        ? onlySaved(move)
        : new Drive(active, record, { outputs, rules, smokeTest, since, ...names }).request();
    },
    conclude: (active) => conclude(active, outputs),
    diagnoseEnd: (_, { progress }) => Promise.resolve(endedByOthers(progress)),
    undo(active, ended) {
      const isRefusedNow = ended !== undefined && isRefused(ended);
      if (ended?.succeeded === false && !isRefusedNow) return untouched(active);
      // Requests that nobody answers are better answered by what was never proven.
      const keeps = active.keeps?.whenFailed ?? (isRefusedNow ? active.before.name : undefined);
      if (keeps === undefined) return bothStay(active);
      return undo(active, outputs, wayBack(active, keeps, outputs));
    },
    orderOnCancel: (active) =>
      orderOnCancel(
        active,
        outputs,
        wayBack(active, active.keeps?.whenCancelled ?? active.before.name, outputs),
      ),
    settleInterrupted: (api, rollout, onCancel) => settleInterrupted(api, rollout, onCancel, { outputs }),
  };
}

/** Words for a rollout that somebody else has taken back while this run drove it. */
function endedByOthers({ statusReason }: BlueGreenProgress): Diagnosis {
  return {
    reason: 'cancelled',
    sentence: 'the rollout was taken back by somebody else while this run was at it',
    evidence: [{ label: 'what was seen', text: statusReason }],
    next: 'find out who did and why (a run of abort or rollback; else CloudTrail, ModifyRule and UpdateAutoScalingGroup), then run this job again',
  };
}

/** Somebody has emptied what has requests: nobody answers those, and whose doing it was does not matter then. */
function isRefused({ to }: BlueGreenProgress): boolean {
  return to.weight > 0 && to.group.desired === 0;
}

/** Snapshots come back to the strategy that made them. */
function of(snapshot: GroupSnapshot): BlueGreenSnapshot {
  return snapshot as BlueGreenSnapshot;
}

function moveOf({ route }: BlueGreenSnapshot): Move {
  if (route.kind !== 'move') throw new Error(`nothing is to be moved: ${route.kind}`);
  return route;
}

function wayBack({ context }: ActiveRollout, keeps: string, { groups }: BlueGreenOutputs): WayBack {
  const [blue, green] = groups.map(({ autoscalingGroupName }) => autoscalingGroupName);
  return { keeps, goes: (keeps === blue ? green : blue) ?? '', isOwn: keeps !== context.group };
}

function nextAction(snapshot: BlueGreenSnapshot, { target }: RolloutContext): NextAction {
  if (snapshot.route.kind !== 'there') return 'replace';
  return nextActionOfGroup(snapshot, target);
}

async function preflight(context: RolloutContext, snapshot: BlueGreenSnapshot): Promise<Finding[]> {
  const { run } = context;
  const { fleets, settings } = snapshot;
  const route = snapshot.route;
  if (route.kind !== 'move') return general(await runPreflight(context, snapshot));
  const { from, to } = route;
  const read = (group: string) =>
    bestEffort(context, 'see the scheduled actions', () => context.api.scheduledActions(group));
  const [found, scheduledFrom, scheduledTo, targetGroups, quota] = await Promise.all([
    runPreflight(context, snapshot),
    read(from.name),
    read(to.name),
    withRetry(context, 'see the target groups', () =>
      context.api.targetGroups([from.targetGroupArn, to.targetGroupArn]),
    ),
    isEmpty(route) ? [] : bothFleets(context, route),
  ]);
  return errorsFirst([
    ...general(found),
    ...quota,
    ...checkBlueGreen({
      ...{ route, fleets, targetGroups, settings },
      scheduled: [
        { group: from.name, actions: scheduledFrom ?? [] },
        { group: to.name, actions: scheduledTo ?? [] },
      ],
      now: new Date(),
      timeout: run.inputs.timeout,
    }),
  ]);
}

/** The course itself is begun, and gone on with, by its first look. */
async function start(context: RolloutContext, snapshot: BlueGreenSnapshot): Promise<string> {
  const move = moveOf(snapshot);
  const { from, to } = move;
  if (isEmpty(move)) {
    const configuration = desiredConfiguration(from.group, context.target, context.target.version);
    await withRetry(context, 'save the version', () => context.api.setSizes(from.name, { configuration }));
  }
  return `${from.name} → ${to.name}`;
}

/** Nothing is wanted, so nothing comes up: the version is saved. */
function onlySaved({ from, to }: Move): ReturnType<Strategy<BlueGreenProgress>['progress']> {
  return {
    what: 'see the group',
    read: () =>
      Promise.resolve({
        ...{ from, to, stage: 'over' as const, succeeded: true, rollingBack: false, words: 'saved' },
        ...{ percentageComplete: 100, statusReason: '', startTime: undefined, fingerprint: 'saved' },
      }),
  };
}
