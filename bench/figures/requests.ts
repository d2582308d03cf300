import { setTimeout as sleep } from 'node:timers/promises';
import { underLoad, type Load } from '../../scripts/demo/load.ts';
import type { LoadReport } from '../../scripts/demo/load-process.ts';
import type { Bench, Figure, Outcome, Row } from '../figure.ts';
import { spreadOf } from '../statistics.ts';
import { Service } from '../support/service.ts';
import { withVersions } from '../support/versions.ts';

const wanted = 100_000;
/** As many a second as two cores can send, pass on and answer beside everything else. */
const fastest = 1600;

/** Something that moves instances while requests are sent. */
type Move = (service: Service) => Promise<void>;

const rollout: Move = async (service) => {
  await service.deployWithAction(service.next());
};

/** The job is cancelled when instances of both versions serve: AWS takes the new ones away again. */
const cancel: Move = async (service) => {
  const controller = new AbortController();
  const before = await service.runningVersion();
  const version = service.next();
  const [, seen] = await Promise.all([
    service.act({ command: 'deploy' }, version, { status: 'cancelled', cancel: controller.signal }),
    service.untilSeen(version).finally(() => controller.abort()),
  ]);
  await service.settle(3);
  const after = await service.runningVersion();
  if (!seen || after !== before)
    throw new Error(`${after} runs after the cancelled rollout instead of ${before}`);
};

const rollback: Move = async (service) => {
  const before = await service.runningVersion();
  // It goes by what is there.
  await service.act({ command: 'rollback' }, service.next());
  const after = await service.runningVersion();
  if (after === before) throw new Error(`${after} still runs after the rollback`);
};

const scaleIn: Move = async (service) => {
  await service.resize(3);
  await service.settle(3);
};

/** Each page is read from the database, by an instance that has the old password or the new one. */
async function changeOfPassword(bench: Bench): Promise<Row> {
  const service = await Service.shared(bench, 'notes');
  return lost('change of the database password', bench, {
    url: service.url,
    rate: 800,
    move: async () => {
      await service.deployWithAction(service.next({ passwordVersion: 2 }));
    },
  });
}

/** Two groups: all requests go from one to the other in two steps. */
function shiftOfWeights(bench: Bench): Promise<Row> {
  return withVersions(bench, bench.port + 8, async ({ serve, push }) => {
    const service = await serve('weights', { blueGreen: true });
    const image = await push('second');
    const inputs = { 'traffic-steps': '10, 100', 'step-time': '30' };
    return lost('shift of weights, 10 and 100 %', bench, {
      url: service.url,
      move: async () => {
        const { outputs, log: text } = await service.deployUnused(image, { inputs });
        if (outputs.status !== 'deployed') throw new Error(text);
      },
    });
  });
}

async function lost(
  what: string,
  bench: Bench,
  { url, rate = fastest, move }: { url: string; rate?: number; move: () => Promise<void> },
): Promise<Row> {
  const { load: report } = await underLoad({ url, rate, connections: 20, paths: ['/'] }, async (running) => {
    await sleep(2000);
    await move();
    await untilSent(running, bench.signal);
  });
  bench.say(`${what}: ${JSON.stringify(report)}`);
  return rowOf(what, report);
}

/** Users do not leave when a rollout ends. */
async function untilSent(running: Load, signal: AbortSignal): Promise<void> {
  while (running.sent() < wanted) await sleep(500, undefined, { signal });
}

function rowOf(what: string, { sent, failed, statuses, latencyMilliseconds, seconds }: LoadReport): Row {
  const others = Object.entries(statuses).filter(([status]) => !/^[23]/.test(status));
  return {
    what,
    value: spreadOf([failed]),
    unit: 'lost',
    against: { what: 'sent', value: spreadOf([sent]) },
    aim: { text: '0 of ≥ 100,000', met: failed === 0 && sent >= wanted },
    note: `${Math.round(seconds)} s, half of the answers within ${latencyMilliseconds.p50} ms and 99 of 100 within ${latencyMilliseconds.p99} ms${others.map(([status, count]) => `; ${count} with status ${status}`).join('')}`,
  };
}

async function measure(bench: Bench): Promise<Outcome> {
  const service = await Service.shared(bench);
  const rows: Row[] = [];
  const moves: [string, Move][] = [
    ['rollout', rollout],
    ['cancelled rollout', cancel],
    ['rollback', rollback],
  ];
  const { url } = service;
  for (const [what, move] of moves) rows.push(await lost(what, bench, { url, move: () => move(service) }));
  await service.resize(5);
  await service.settle(5);
  rows.push(await lost('scale-in from 5 to 3', bench, { url, move: () => scaleIn(service) }));
  rows.push(await changeOfPassword(bench), await shiftOfWeights(bench));
  return { rows };
}

export const requests: Figure = {
  name: 'requests',
  title: 'Requests lost',
  how: 'The sample application on three Docker containers as instances, behind the load balancer of the local cloud; 20 connections that stay open, from a process of their own; the password is that of PostgreSQL, which each of these pages is read from; weights move between two groups of two containers. A request is lost that has no answer with a status of 2xx or 3xx.',
  leftOut: ['connections that are no HTTP.'],
  measure,
};
