import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Fleet, Service, ServiceOptions } from '../support/fleet.ts';
import { rollOut, versionsOf } from '../support/rollout.ts';
import type { Rollout, RolloutOptions } from '../support/rollout.ts';
import { runSideBySide } from '../support/side-by-side.ts';

/** How the versions of every service answer: the number says it. */
export const version = { good: 2, failing: 3, slow: 4, dead: 5, next: 6 } as const;

/** What there is of two groups. */
export interface There {
  /** Per cent of the requests. */
  weights: { blue: number; green: number };
  /** Instances by version that are not on their way out. */
  blue: Record<string, number>;
  green: Record<string, number>;
}

export interface Step {
  /** What is done before the run. */
  before?: (service: Service) => Promise<unknown>;
  run: RolloutOptions;
  /** Of the job: "deployed", or the reason where it failed, or "killed"; "… or …" where either may be. */
  ends: string;
  there: There;
  says?: RegExp[];
}

export interface Case {
  title: string;
  service?: ServiceOptions;
  before?: (service: Service) => Promise<unknown>;
  /** Runs one after the other, each in a process of its own. */
  steps: Step[];
  /** What else is to be seen afterwards. */
  after?: (service: Service) => Promise<void>;
}

export const to = (
  version: number,
  inputs: Record<string, string> = {},
  more: Partial<RolloutOptions> = {},
) => ({
  ...more,
  version,
  inputs: { 'traffic-steps': '10, 50, 100', 'step-time': '240', timeout: '7200', ...inputs },
});

export const command = (name: string, inputs: Record<string, string> = {}): RolloutOptions => ({
  inputs: { command: name, 'template-version': '', ...inputs },
});

/** Blue has all requests, and only blue is there. */
export const onBlue = (version: number, instances = 2): There => ({
  weights: { blue: 100, green: 0 },
  blue: { [version]: instances },
  green: {},
});

export const onGreen = (version: number, instances = 2): There => ({
  weights: { blue: 0, green: 100 },
  blue: {},
  green: { [version]: instances },
});

export const both = (weights: [number, number], blue: number, green: number, instances = 2): There => ({
  weights: { blue: weights[0], green: weights[1] },
  blue: { [blue]: instances },
  green: { [green]: instances },
});

/** Runs all cases side by side in one local cloud with made-up users. */
export function runCases(
  { port, atOnce, requestsPerSecond = 30 }: { port: string; atOnce: number; requestsPerSecond?: number },
  tables: Record<string, Case[]>,
): void {
  const prepare = (fleet: Fleet) => makeUpUsers(fleet, requestsPerSecond);
  runSideBySide({ port, speed: 100, atOnce, name: 'bg', prepare, run: runCase }, tables);
}

async function makeUpUsers({ cloud }: Fleet, requestsPerSecond: number): Promise<void> {
  const users = {
    requestsPerSecond,
    versions: {
      [version.failing]: { errorRate: 0.03 },
      [version.slow]: { latency: { median: 0.5, p95: 2 } },
    },
  };
  await fetch(`${cloud.endpoint}/_local/traffic`, { method: 'POST', body: JSON.stringify(users) });
}

async function runCase(
  fleet: Fleet,
  name: string,
  { service: options, before, steps, after }: Case,
): Promise<void> {
  const service = await fleet.service(name, { drain: 10, versions: 6, blueGreen: true, ...options });
  await before?.(service);
  for (const [index, step] of steps.entries()) {
    await step.before?.(service);
    const result = await rollOut(service, step.run);
    const there = await settled(service, step.there);
    expectStep(result, there, step, index + 1);
  }
  await after?.(service);
}

function expectStep(result: Rollout, there: There, step: Step, number: number): void {
  const { status = '', 'failure-reason': reason = '' } = result.outputs;
  const ends = result.exitCode === null ? 'killed' : reason === '' ? status : reason;
  const seen = { ends: step.ends.split(' or ').includes(ends) ? step.ends : ends, there };
  const wanted = { ends: step.ends, there: step.there };
  if (!isDeepStrictEqual(seen, wanted))
    throw new Error(
      `run ${number}: ${inspect(seen, { depth: 4 })}\ninstead of ${inspect(wanted, { depth: 4 })}:\n${result.log}`,
    );
  for (const sentence of step.says ?? []) expect(result.log).toMatch(sentence);
  expect(result.temporaryFiles).toEqual([]);
}

/** What is on its way out gets its time. */
async function settled(service: Service, wanted: There): Promise<There> {
  let seen = await lookAt(service);
  for (let look = 0; look < 120 && !isDeepStrictEqual(seen, wanted); look += 1) {
    await delay(500);
    seen = await lookAt(service);
  }
  return seen;
}

async function lookAt({ fleet, group, outputs }: Service): Promise<There> {
  const { listener_rule_arn: rule, groups } = outputs.blue_green as {
    listener_rule_arn: string;
    groups: { target_group_arn: string }[];
  };
  const [blue, green] = groups.map((each) => each.target_group_arn);
  const weights = await fleet.weights(rule);
  const { AutoScalingGroups = [] } = await fleet.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group, `${group}-green`] }),
  );
  const of = (name: string) =>
    versionsOf(AutoScalingGroups.find((each) => each.AutoScalingGroupName === name));
  return {
    weights: { blue: weights[blue ?? ''] ?? -1, green: weights[green ?? ''] ?? -1 },
    blue: of(group),
    green: of(`${group}-green`),
  };
}
