import { underLoad } from '../../scripts/demo/load.ts';
import type { Service } from '../../__tests__/e2e/support/service.ts';
import type { Bench, Figure, Outcome, Row } from '../figure.ts';
import { spreadOf } from '../statistics.ts';
import { withVersions } from '../support/versions.ts';

interface Strategy {
  name: 'rolling' | 'blue-green';
  inputs: Record<string, string>;
  /** The line that says that the version goes. */
  verdict: RegExp;
}

const strategies: Strategy[] = [
  { name: 'rolling', inputs: { 'smoke-test-path': '/' }, verdict: /(?:rolling|going) back to/ },
  {
    name: 'blue-green',
    inputs: { 'traffic-steps': '5, 100', 'step-time': '60' },
    verdict: /judged at \d+ %: bad/,
  },
];

/** How a bad version went. */
interface Undone {
  /** From the verdict to its last answer. */
  seconds: number;
  /** Of all requests of the rollout, those that it answered. */
  percent: number;
}

/** Gives a service a version that fails, and looks how long it goes on to answer. */
async function undo(
  service: Service,
  image: { reference: string; version: string },
  { inputs, verdict }: Strategy,
): Promise<Undone> {
  let decided = 0;
  const noted = async () => void (decided ||= Date.now());
  const users = { url: service.url, connections: 20, rate: 400 };
  const { result, load } = await underLoad(users, () =>
    service.deployUnused(image.reference, { inputs, on: [verdict, noted] }),
  );
  const last = load.lastAnswers[image.version];
  if (result.outputs.status !== 'rolled-back' || decided === 0 || last === undefined)
    throw new Error(`${result.outputs.status ?? 'nothing'} instead of rolled-back:\n${result.log}`);
  return {
    seconds: Math.max(0, last - decided) / 1000,
    percent: ((load.versions[image.version] ?? 0) / load.sent) * 100,
  };
}

function rowsOf(strategy: string, undone: readonly Undone[]): Row[] {
  return [
    {
      what: `${strategy}: from the verdict to the last request on the bad version`,
      value: spreadOf(undone.map(({ seconds }) => seconds)),
      unit: 's',
      ...(strategy === 'blue-green' && {
        aim: { text: '< 5 s', met: undone.every(({ seconds }) => seconds < 5) },
      }),
    },
    {
      what: `${strategy}: share of the requests that it answered`,
      value: spreadOf(undone.map(({ percent }) => percent)),
      unit: '%',
    },
  ];
}

function measure(bench: Bench): Promise<Outcome> {
  return withVersions(bench, bench.port + 7, async ({ serve, push }) => {
    const rows: Row[] = [];
    for (const strategy of strategies) {
      const service = await serve(strategy.name, { blueGreen: strategy.name === 'blue-green' });
      const undone: Undone[] = [];
      for (let round = 1; round <= (bench.rounds ?? 2); round += 1) {
        bench.signal.throwIfAborted();
        const version = `${strategy.name}-${round}`;
        const reference = await push(version, { failing: true });
        undone.push(await undo(service, { version, reference }, strategy));
        bench.say(`${strategy.name}, round ${round}: ${JSON.stringify(undone.at(-1))}`);
      }
      rows.push(...rowsOf(strategy.name, undone));
    }
    return { rows };
  });
}

export const undoing: Figure = {
  name: 'undo',
  title: 'Taking a bad version back',
  how: 'Two Docker containers as instances, 400 requests a second. The new version answers each request but its health check with 500. In `rolling` the smoke test sees it, in `blue-green` (5 % first, minutes of 10 s) the judgement. Strategies compared by their own rules: ECS sends all requests back at once in its blue/green, and replaces tasks in its rolling update; kamal starts the old container again.',
  leftOut: [
    'the boot of a machine, a minute or two on EC2, which `rolling` waits for before the last bad instance goes: here it takes seconds.',
  ],
  measure,
};
