import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
  AutoScalingClient,
} from '@aws-sdk/client-auto-scaling';
import { clientConfiguration } from '../../__tests__/e2e/support/client.ts';
import { Fleet, type Service } from '../../__tests__/e2e/support/fleet.ts';
import { rollOut } from '../../__tests__/e2e/support/rollout.ts';
import type { Bench, Figure, Outcome } from '../figure.ts';
import { spreadOf } from '../statistics.ts';
import { callsOf } from '../support/calls.ts';
import { Random } from '../virtual/random.ts';

/** As documentation and blogs have it. */
const loopSeconds = 15;
const instances = 10;
/** Seconds. Some instances are healthy before it ends, and some are not. */
const warmup = 40;

interface Seen {
  /** Seconds from the refresh's end until its watcher asked and could know. */
  late: number;
  /** Calls from its start to its end. */
  calls: number;
}

/** Polls every 15 s, as a script around the AWS CLI does. */
async function loop(service: Service, identity: string): Promise<void> {
  const configuration = clientConfiguration(service.fleet.cloud);
  const credentials = { ...configuration.credentials, accessKeyId: identity };
  const client = new AutoScalingClient({ ...configuration, credentials });
  const AutoScalingGroupName = service.group;
  try {
    await client.send(
      new StartInstanceRefreshCommand({
        AutoScalingGroupName,
        DesiredConfiguration: {
          LaunchTemplate: { LaunchTemplateId: service.templateId, Version: '2' },
        },
      }),
    );
    for (;;) {
      const { InstanceRefreshes } = await client.send(
        new DescribeInstanceRefreshesCommand({ AutoScalingGroupName }),
      );
      if (InstanceRefreshes?.[0]?.EndTime !== undefined) return;
      await sleep(loopSeconds * 1000);
    }
  } finally {
    client.destroy();
  }
}

async function action(service: Service, identity: string): Promise<void> {
  const result = await rollOut(service, { environment: { AWS_ACCESS_KEY_ID: identity } });
  if (result.exitCode !== 0) throw new Error(result.log);
}

/** Milliseconds between two looks of who knows when it was over. */
const lookMilliseconds = 250;

/** Looks all the time, by a key of its own. @returns milliseconds since 1970 before and at which it was seen to be over */
async function observeEnd(
  service: Service,
  watching: Promise<unknown>,
): Promise<{ before: number; at: number }> {
  let before = Date.now();
  let watched = false;
  void watching.catch(() => undefined).finally(() => (watched = true));
  while (!watched) {
    const at = Date.now();
    const [refresh] = await service.refreshes();
    if (refresh?.EndTime !== undefined) return { before, at: Date.now() };
    before = at;
    await sleep(lookMilliseconds);
  }
  return { before, at: Date.now() };
}

async function watch(
  fleet: Fleet,
  name: string,
  { boot, watcher }: { boot: number; watcher: (service: Service, identity: string) => Promise<void> },
): Promise<Seen> {
  const service = await fleet.service(name, {
    instances,
    drain: 30,
    group: { DefaultInstanceWarmup: warmup },
  });
  await service.fault({ secondsToHealthy: boot });
  const watching = watcher(service, name);
  const [end] = await Promise.all([observeEnd(service, watching), watching]);
  const [refresh] = await service.refreshes();
  const versions = (await service.look()).Instances?.map(({ LaunchTemplate }) => LaunchTemplate?.Version);
  if (refresh?.Status !== 'Successful' || versions?.some((version) => version !== '2'))
    throw new Error(`${name} ended as ${refresh?.Status ?? 'nothing'}`);
  const calls = (await callsOf(fleet.cloud)).filter((call) => call.identity === name);
  const started = calls.findIndex(({ operation }) => operation === 'StartInstanceRefresh');
  const asked = calls.filter(({ operation }) => operation === 'DescribeInstanceRefreshes');
  const knew = asked.find(({ at }) => at >= end.before)?.at ?? end.at;
  return {
    late: Math.max(0, knew - (end.before + end.at) / 2) / 1000,
    calls: calls.slice(started + 1).length,
  };
}

async function measure({ rounds = 8, port, say }: Bench): Promise<Outcome> {
  const fleet = await Fleet.up(String(port + 2), 1);
  const random = new Random(15);
  try {
    const pairs = Array.from({ length: rounds }, async (_, index) => {
      // Rollouts of one to two minutes; both watchers see the same.
      const boot = Math.round(random.between(10, 80));
      return Promise.all([
        watch(fleet, `action-${index + 1}`, { boot, watcher: action }),
        watch(fleet, `loop-${index + 1}`, { boot, watcher: loop }),
      ]);
    });
    const seen = await Promise.all(pairs);
    say(JSON.stringify(seen));
    return outcomeOf(seen);
  } finally {
    await fleet.down();
  }
}

function outcomeOf(seen: [Seen, Seen][]): Outcome {
  const late = spreadOf(seen.map(([ours]) => ours.late));
  const calls = spreadOf(seen.map(([ours]) => ours.calls));
  const loopCalls = spreadOf(seen.map(([, theirs]) => theirs.calls));
  const against = (value: typeof late) => ({ what: `a loop of ${loopSeconds} s`, value });
  return {
    rows: [
      {
        what: "from a refresh's end to knowing it",
        value: late,
        unit: 's',
        against: against(spreadOf(seen.map(([, theirs]) => theirs.late))),
        aim: { text: '≤ 2 s', met: late.median <= 2 },
      },
      {
        what: `calls to watch a rollout of ${instances} instances`,
        value: calls,
        unit: '',
        against: against(loopCalls),
        aim: { text: "≤ the loop's", met: calls.median <= loopCalls.median },
        note: 'the loop asks for the refresh and for nothing else: it knows neither why an instance fails nor when to give up. The action reads the group, its targets, activities and consoles each time when something moved or half a minute passed.',
      },
    ],
  };
}

export const detection: Figure = {
  name: 'detection',
  title: 'Knowing that it is over',
  how: 'Rollouts of one to two minutes, in real time, side by side in one local cloud: half of them watched by the action, half by a loop that asks every 15 s.',
  leftOut: ["the start-up of the AWS CLI, about half a second of each of the loop's calls."],
  measure,
};
