import { DeployError, type BlueGreenOutputs, type ColouredGroup } from '../../core/index.ts';
import type { RolloutApi } from '../aws/index.ts';
import { withRetry, type GroupSight, type RolloutContext } from '../context/index.ts';
import {
  isTerminating,
  type ForwardRuleObservation,
  type GroupObservation,
  type TargetObservation,
} from '../model/index.ts';
import { sideOf, stateOf, type FleetState, type Side, type Sides } from './state.ts';

/** What is read of two groups behind one rule, in one go. */
export interface Fleets {
  state: FleetState;
  sides: Sides;
  rule: ForwardRuleObservation;
  targets: TargetObservation[];
}

/** What reading them asks of AWS. */
export type FleetsApi = Pick<RolloutApi, 'group' | 'targets' | 'forwardRule'>;

/**
 * Reads both groups, their targets and the rule.
 * @throws DeployError `group-missing`, `preflight` where the rule is gone; AWS's own errors
 */
export async function readFleets(api: FleetsApi, outputs: BlueGreenOutputs): Promise<Fleets> {
  const { groups, listenerRuleArn } = outputs;
  const [rule, targets, blue, green] = await Promise.all([
    api.forwardRule(listenerRuleArn),
    api.targets(groups.map(({ targetGroupArn }) => targetGroupArn)),
    api.group(groups[0].autoscalingGroupName),
    api.group(groups[1].autoscalingGroupName),
  ]);
  if (rule === undefined) throw ruleMissing(listenerRuleArn);
  const unknown = Object.keys(rule.weights).filter(
    (arn) => !groups.some(({ targetGroupArn }) => targetGroupArn === arn),
  );
  if (unknown.length > 0) throw foreignTarget(outputs, unknown);
  const side = (of: ColouredGroup, group: GroupObservation | undefined) => {
    if (group === undefined) throw groupMissing(of);
    return sideOf(group, of.targetGroupArn, { rule, targets });
  };
  const sides: Sides = [side(groups[0], blue), side(groups[1], green)];
  return { sides, rule, targets, state: stateOf(sides) };
}

/** As `readFleets`, and the course of the rollout takes note of both. */
export async function seeFleets(context: RolloutContext, outputs: BlueGreenOutputs): Promise<Fleets> {
  const fleets = await readFleets(context.api, outputs);
  context.course.see(context.clock.now(), sightOf(fleets.sides));
  return fleets;
}

/** Both groups now, though AWS may not answer at once. */
export function look(context: RolloutContext, outputs: BlueGreenOutputs): Promise<Fleets> {
  return withRetry(context, 'see both groups and their weights', () => seeFleets(context, outputs));
}

/** Every instance of both; as many are wanted as the larger wants, for the other comes or goes. */
function sightOf(sides: Sides): GroupSight {
  return {
    desired: Math.max(...sides.map(({ group }) => group.desired)),
    instances: sides.flatMap(({ group, healthy }) =>
      group.instances.map((instance) => ({
        ...{ id: instance.id, version: instance.templateVersion },
        ...{ serving: healthy.has(instance.id), leaving: isTerminating(instance) },
      })),
    ),
  };
}

/** The one of both sides that has this name. */
export function sideIn({ sides }: Pick<Fleets, 'sides'>, name: string): Side {
  return sides[0].name === name ? sides[0] : sides[1];
}

/** The sizes that the live group has between rollouts; what serves stays, whatever they say. */
export function liveSizes(
  { capacity }: BlueGreenOutputs,
  { group }: Side,
): { minSize: number; maxSize: number } {
  return { minSize: capacity.min, maxSize: Math.max(capacity.max, group.desired) };
}

function ruleMissing(arn: string): DeployError {
  return new DeployError({
    reason: 'preflight',
    message:
      'the rule of the load balancer that carries the weights of both groups is gone, or forwards nothing',
    evidence: [{ label: 'listener_rule_arn', text: arn }],
    left: 'no instance and no weight was touched',
    next: 'apply the Terraform root, so that the rule is there again, then run this job again',
  });
}

function foreignTarget({ listenerRuleArn }: BlueGreenOutputs, arns: string[]): DeployError {
  return new DeployError({
    reason: 'preflight',
    message: `the rule that carries the weights forwards to a target group of neither group: ${arns.join(', ')}`,
    evidence: [{ label: 'listener_rule_arn', text: listenerRuleArn }],
    left: 'no instance and no weight was touched',
    next: 'let the rule forward to the target groups of the output blue_green only, then run this job again',
  });
}

function groupMissing({ autoscalingGroupName }: ColouredGroup): DeployError {
  return new DeployError({
    reason: 'group-missing',
    message: `there is no Auto Scaling group ${autoscalingGroupName}, or it is being deleted`,
    left: 'no instance and no weight was touched',
    next: 'apply the Terraform root, which makes it again, then run this job again',
  });
}
