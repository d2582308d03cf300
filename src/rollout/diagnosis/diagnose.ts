import { duration, mask, truncatedList } from '../../core/index.ts';
import type { DiagnosisNames } from '../context/index.ts';
import type {
  ActivityObservation,
  BootMarker,
  Diagnosis,
  Evidence,
  NewInstance,
  RolloutFacts,
  TargetObservation,
} from '../model/index.ts';
import type { Cause } from '../verdict/index.ts';
import { boot, lastWords, restarted } from './boot.ts';
import { nextOf, type Explanation, type Remedy } from './explanation.ts';
import { explainSmokeTest } from './smoke.ts';
import { countOfNew, evidence, instanceCount, targetText } from './words.ts';

/** A diagnosis, and its remedy by itself for who puts another next step together. */
export type DiagnosisOfCause = Diagnosis & Remedy;

/** Puts a cause into words: sentence, evidence, next step. Pure; whatever an instance or AWS said is masked. */
export function diagnose(cause: Cause, facts: RolloutFacts, names: DiagnosisNames): DiagnosisOfCause {
  const { sentence, evidence: shown, remedy, ...explanation } = explain(cause, facts, names);
  const masked = {
    ...explanation,
    sentence: mask(sentence),
    evidence: shown.map(({ label, text }) => ({ label, text: mask(text) })),
    remedy: mask(remedy),
  };
  return { ...masked, next: nextOf(masked) };
}

function explain(cause: Cause, facts: RolloutFacts, names: DiagnosisNames): Explanation {
  switch (cause.kind) {
    case 'boot':
      return boot(cause, facts, names);
    case 'replaced':
      return replaced(cause, names);
    case 'unhealthy':
      return unhealthy(cause, names);
    case 'unstable':
      return unstable(cause, names);
    case 'restarted':
      return restarted(cause, names);
    case 'launch':
      return launch(cause, names);
    case 'hook':
      return hook(cause, facts, names);
    case 'alarm':
      return alarm(cause, facts, names);
    case 'stalled':
      return stalled(cause.quiet, facts);
    case 'smoke':
      return explainSmokeTest(cause.failure);
    case 'judged':
      return judged(cause, names);
    case 'refused':
      return {
        reason: 'preflight',
        sentence: `AWS refused to ${cause.what}`,
        evidence: evidence('what AWS said', cause.said),
        remedy: 'mend what AWS names',
        rerun: true,
      };
    case 'unknown':
      return {
        reason: 'rollout-stalled',
        sentence: 'AWS gave the instance refresh up',
        evidence: evidence('what AWS said', facts.statusReason),
        remedy: 'see the activity history of the group and the console of its newest instances',
        rerun: true,
      };
  }
}

function judged(
  { verdict, because, weight }: Extract<Cause, { kind: 'judged' }>,
  { version }: DiagnosisNames,
): Explanation {
  const shown = evidence(`judged at ${weight} %`, because);
  return verdict === 'bad'
    ? {
        reason: 'judged-worse',
        sentence: `${version} is worse than the one before, which served the same minutes`,
        evidence: shown,
        remedy:
          'see what these requests have in common (the logs of the new instances, the access log), mend it and deploy again',
        rerun: false,
      }
    : {
        reason: 'inconclusive',
        sentence: `nobody can tell whether ${version} is as good as the one before, and on-inconclusive is roll-back`,
        evidence: shown,
        remedy:
          'give step-time more of it, let the first of traffic-steps be larger, or set on-inconclusive to wait or proceed',
        rerun: true,
      };
}

function replaced(
  { replaced: gone, total }: Extract<Cause, { kind: 'replaced' }>,
  names: DiagnosisNames,
): Explanation {
  const byLoadBalancer = gone.some(({ replacedFor }) => replacedFor === 'elb');
  const served = gone.filter(({ hasServed }) => hasServed).length;
  const target = gone
    .flatMap(({ targets }) => targets)
    .find(({ state, reason }) => state === 'unhealthy' || (state !== 'initial' && reason !== ''));
  const sentence = byLoadBalancer
    ? `${names.version} ${served > 0 ? 'does not stay healthy' : 'never becomes healthy'}: Auto Scaling replaced ${countOfNew(gone.length, total)} because the load balancer's health checks failed`
    : `${names.version} does not stay up: Auto Scaling replaced ${countOfNew(gone.length, total)} because ${gone.some(({ replacedFor }) => replacedFor === 'user') ? 'their boot script gave them up' : 'they stopped running'}`;
  return {
    reason: byLoadBalancer ? 'targets-unhealthy' : 'boot-failed',
    sentence,
    evidence: [
      ...evidence(
        'what the load balancer said',
        target ? `${targetText(target)}   (${target.instanceId})` : '',
      ),
      ...consoleEvidence(gone),
    ],
    remedy:
      byLoadBalancer && target
        ? (lateNext(gone) ?? targetNext(target, names))
        : `read the console of ${gone[0]?.id ?? 'these instances'} (aws ec2 get-console-output) and see what ended it`,
    rerun: true,
  };
}

/** What to do when the boot went through on an instance that the load balancer never saw healthy. */
function lateNext(gone: NewInstance[]): string | undefined {
  const started = gone.find(({ hasServed, marker }) => !hasServed && marker?.outcome === 'ok');
  return (
    started?.marker &&
    `the container did start${afterSeconds(started.marker)}: if that is too late, raise the health check grace period of the group; else see that the load balancer reaches it (security group, port, path)`
  );
}

/** " after 107 s" */
function afterSeconds({ details }: BootMarker): string {
  const [, seconds] = /\bseconds=(\d+)/.exec(details) ?? [];
  return seconds === undefined ? '' : ` after ${seconds} s`;
}

function unhealthy(
  { unhealthy: bad, total }: Extract<Cause, { kind: 'unhealthy' }>,
  names: DiagnosisNames,
): Explanation {
  const instance = bad[0];
  const target = instance?.targets.find(({ state }) => state !== 'healthy');
  const waited = Math.round(Math.max(0, ...bad.map(({ notServing }) => notServing)));
  return {
    reason: 'targets-unhealthy',
    sentence: `${names.version} does not become healthy: ${target ? targetSentence(target, names) : 'Auto Scaling or the load balancer does not see it healthy'}, on ${countOfNew(bad.length, total)}`,
    evidence: [
      ...evidence(
        'what the load balancer said',
        target
          ? `${targetText(target)}   (${target.instanceId})`
          : 'the instance is registered with no target group',
      ),
      ...evidence('how long', `${waited} s in service without serving`),
      ...consoleEvidence(bad),
    ],
    remedy: target
      ? targetNext(target, names)
      : 'check that AddToLoadBalancer is not suspended and that the target groups are attached to the group',
    rerun: true,
  };
}

function unstable(
  { unstable: lapsed, total }: Extract<Cause, { kind: 'unstable' }>,
  names: DiagnosisNames,
): Explanation {
  const target = lapsed.flatMap(({ targets }) => targets).find(({ state }) => state === 'unhealthy');
  return {
    reason: 'targets-unhealthy',
    sentence: `${names.version} does not stay healthy: ${countOfNew(lapsed.length, total)} served and then failed the load balancer's health checks`,
    evidence: [
      ...evidence(
        'what the load balancer said',
        target ? `${targetText(target)}   (${target.instanceId})` : 'they are healthy again now',
      ),
      ...evidence('instances', truncatedList(lapsed.map(({ id }) => id))),
      ...consoleEvidence(lapsed),
    ],
    remedy:
      'see what the application logged in the minutes after it was healthy: what ended it, or kept it from answering',
    rerun: true,
  };
}

function targetSentence(target: TargetObservation, names: DiagnosisNames): string {
  const path = names.healthPath || 'its health check';
  const sentences: Record<string, string> = {
    'Target.ResponseCodeMismatch': `it answers ${path} with ${/\[([^\]]+)\]/.exec(target.description)?.[1] ?? 'an unexpected code'}`,
    'Target.Timeout': `it does not answer ${path} in time`,
    'Target.FailedHealthChecks': `nothing answers ${path}${target.port === undefined ? '' : ` on port ${target.port}`}`,
    'Target.NotInUse': 'its target group gets no traffic from a load balancer',
    'Target.NotRegistered': 'it is not registered with its target group',
    'Target.InvalidState': 'the machine is stopped',
    'Elb.RegistrationInProgress': 'the load balancer is still registering it',
    'Elb.InitialHealthChecking': `it has not answered ${path} once so far`,
  };
  return sentences[target.reason] ?? `its target is ${target.state}`;
}

function targetNext(target: TargetObservation, names: DiagnosisNames): string {
  const path = names.healthPath || 'the health check path';
  const next: Record<string, string> = {
    'Target.ResponseCodeMismatch': `find out why the application answers ${path} like this: what it says there, its log, and what it depends on`,
    'Target.Timeout': `check that the security group of the instances lets the load balancer in, and how long the application takes to answer ${path}`,
    'Target.FailedHealthChecks':
      'see that the application listens on 0.0.0.0 and on the port that Terraform was told (container port)',
    'Target.NotInUse':
      'attach the target group to a listener, and enable the zones of the instances on the load balancer',
    'Target.NotRegistered':
      'resume AddToLoadBalancer if it is suspended; instances launched meanwhile have to be replaced',
  };
  return next[target.reason] ?? 'see the health checks of the target group and the log of the application';
}

function launch(
  { failure, activities }: Extract<Cause, { kind: 'launch' }>,
  names: DiagnosisNames,
): Explanation {
  const tries = activities.length;
  const small = names.bothFleets === true && failure.raise !== undefined;
  const what = small
    ? `${failure.what}, and does not hold both fleets, the one that serves and the new one`
    : failure.what;
  return {
    reason: 'launch-failed',
    sentence: `${names.instances} can't be launched: ${what} (${tries === 1 ? '1 try' : `${tries} tries`})`,
    evidence: evidence('what AWS said', whatAwsSaid(activities[0])),
    remedy: small
      ? `have the quota raised to what both fleets need at once; ${failure.raise}. Or set rollout = { strategy = "rolling" } in the variables of this environment, which needs room for a batch of instances only`
      : failure.remedy,
    rerun: true,
  };
}

function hook(
  { how, instances, activities }: Extract<Cause, { kind: 'hook' }>,
  facts: RolloutFacts,
  names: DiagnosisNames,
): Explanation {
  const launching = facts.hooks.filter(({ transition }) => transition.endsWith('LAUNCHING'));
  const hooks = launching.map(({ name }) => name).join(', ') || 'a launch hook';
  const heartbeat = launching[0]?.heartbeatTimeout;
  const sentences = {
    abandoned: `the lifecycle hook ${hooks} turned ${names.instances} away`,
    'timed-out': `nobody completed the lifecycle hook ${hooks} in time${heartbeat ? ` (${heartbeat} s)` : ''}`,
    waiting: `${names.instances} wait for the lifecycle hook ${hooks} and nobody completes it`,
  };
  return {
    reason: 'lifecycle-hook',
    sentence: sentences[how],
    evidence: [
      ...evidence('what AWS said', activities[0]?.statusMessage ?? ''),
      ...evidence('instances', truncatedList(instances)),
    ],
    remedy:
      how === 'abandoned'
        ? 'see why what completes the hook answers ABANDON'
        : 'let what the hook waits for call CompleteLifecycleAction, or delete the hook',
    rerun: true,
  };
}

function alarm(
  { alarms }: Extract<Cause, { kind: 'alarm' }>,
  facts: RolloutFacts,
  names: DiagnosisNames,
): Explanation {
  const ringing = alarms.map(({ name }) => name).join(', ');
  return {
    reason: 'alarm',
    sentence: `${names.version} set off ${ringing ? `the alarm ${ringing}` : 'a guard alarm'}`,
    evidence: [
      ...alarms.slice(0, 3).flatMap(({ name, reason }) => evidence(name, reason)),
      ...evidence('what AWS said', /\balarm/i.test(facts.statusReason) ? facts.statusReason : ''),
    ],
    remedy: 'see what the alarm measures over the time of this rollout, and mend it',
    rerun: true,
  };
}

function stalled(quiet: number, facts: RolloutFacts): Explanation {
  const { suspendedProcesses, protectedInstances, standbyInstances } = facts;
  const why =
    suspendedProcesses.length > 0
      ? { what: `${suspendedProcesses.join(', ')} suspended on the group`, next: 'resume the processes' }
      : protectedInstances.length > 0
        ? {
            what: `${instanceCount(protectedInstances.length)} protected from scale-in`,
            next: `remove the protection of ${truncatedList(protectedInstances)}`,
          }
        : standbyInstances.length > 0
          ? {
              what: `${instanceCount(standbyInstances.length)} in Standby`,
              next: `put ${truncatedList(standbyInstances)} back into service or terminate them`,
            }
          : { what: 'nothing on the group says why', next: 'see the activity history of the group' };
  return {
    reason: 'rollout-stalled',
    sentence: `the rollout does not move: nothing changed for ${duration(quiet)}; ${why.what}`,
    evidence: evidence('what AWS said', facts.statusReason),
    remedy: why.next,
    rerun: true,
  };
}

function whatAwsSaid(activity: ActivityObservation | undefined): string {
  return (
    [activity?.statusMessage, activity?.description].find((text) => text !== undefined && text !== '') ?? ''
  );
}

/** What the consoles of these instances say when there is no failed boot to quote. */
function consoleEvidence(instances: NewInstance[]): Evidence[] {
  const failed = instances.find(({ marker }) => marker?.outcome === 'failed');
  if (failed?.marker)
    return evidence('what the boot said', `${failed.marker.step} ${failed.marker.details}   (${failed.id})`);
  const restarted = instances.find(({ marker }) => marker?.outcome === 'restarted');
  if (restarted?.marker)
    return [
      ...lastWords(restarted.marker, restarted.id),
      ...evidence('what the boot said', `${restarted.marker.details}   (${restarted.id})`),
    ];
  const started = instances.find(({ marker }) => marker?.outcome === 'ok');
  return started?.marker
    ? evidence('what the boot said', `it went through${afterSeconds(started.marker)}   (${started.id})`)
    : [];
}
