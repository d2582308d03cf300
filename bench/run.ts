/**
 * `npm run bench [-- figure …] [--list] [--rounds N] [--port N]`: measures what the action costs and gains, all of it or
 * the figures that are named, and keeps the results in bench/results/. docs/performance.md shows them.
 */
import { parseArgs } from 'node:util';
import { interruptible } from '../scripts/interruptible.ts';
import type { Bench, Figure } from './figure.ts';
import { figures } from './figures/index.ts';
import { describeMachine, load } from './machine.ts';
import { ratioChart } from './ratio-chart.ts';
import { readResults, writeResults, type Measured } from './results.ts';
import { terminalTable } from './table.ts';

const usage = 'usage: npm run bench [-- figure …] [--list] [--rounds N] [--port N]';

interface Options {
  chosen: Figure[];
  list: boolean;
  rounds: number | undefined;
  port: number;
}

function parseOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      port: { type: 'string', default: '4900' },
    },
  });
  const unknown = positionals.filter((name) => !figures.some((figure) => figure.name === name));
  if (unknown.length > 0)
    throw new Error(
      `there is no figure ${unknown.join(', ')}; there are ${figures.map(({ name }) => name).join(', ')}`,
    );
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds is ${values.rounds}; give a whole number from 1`);
  const port = Number(values.port);
  if (!(Number.isInteger(port) && port >= 1024 && port <= 60_000))
    throw new Error(
      `--port is ${values.port}; give a port from 1024 to 60000, of which the next 100 are used`,
    );
  const chosen = figures.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { chosen, list: values.list, rounds, port };
}

/** What figures made and share, to be taken down in the end. */
class Shared {
  readonly #made = new Map<string, Promise<{ value: unknown; close: () => Promise<unknown> }>>();

  async share<T>(name: string, make: () => Promise<{ value: T; close: () => Promise<unknown> }>): Promise<T> {
    const known = this.#made.get(name) ?? make();
    this.#made.set(name, known);
    return (await known).value as T;
  }

  async close(): Promise<void> {
    for (const made of [...this.#made.values()].reverse()) {
      const closing = made.then(({ close }) => close());
      await closing.catch((error: unknown) => console.error(`could not be taken down: ${String(error)}`));
    }
  }
}

async function measure(
  figure: Figure,
  bench: Bench,
): Promise<{ measured: Measured; charts: Record<string, string> }> {
  const began = performance.now();
  const before = load();
  const { rows, chart } = await figure.measure(bench);
  const file = chart === undefined ? undefined : `${figure.name}.svg`;
  const measured: Measured = {
    title: figure.title,
    how: figure.how,
    leftOut: figure.leftOut,
    at: `${new Date().toISOString().slice(0, 16)}Z`,
    seconds: Math.round((performance.now() - began) / 1000),
    load: { before, after: load() },
    rows,
    ...(file !== undefined && { chart: file }),
  };
  return { measured, charts: chart === undefined || file === undefined ? {} : { [file]: chart } };
}

/** In the order of the list, whatever was measured first. */
function inOrder(measured: Record<string, Measured>): Record<string, Measured> {
  return Object.fromEntries(
    figures.flatMap(({ name }) => (measured[name] === undefined ? [] : [[name, measured[name]]])),
  );
}

async function measureAll({ chosen, rounds, port }: Options, signal: AbortSignal): Promise<void> {
  const shared = new Shared();
  const bench: Bench = {
    ...{ rounds, port, signal },
    say: (line) => console.error(`  ${line}`),
    share: (name, make) => shared.share(name, make),
  };
  try {
    for (const figure of chosen) {
      signal.throwIfAborted();
      console.error(`━━ ${figure.name}: ${figure.title}`);
      const { measured, charts } = await measure(figure, bench);
      console.log(terminalTable(figure.title, measured.rows));
      const known = inOrder({ ...readResults()?.figures, [figure.name]: measured });
      const machine = await describeMachine();
      writeResults({ machine, figures: known }, { ...charts, 'ratios.svg': ratioChart(known) });
    }
  } finally {
    await shared.close();
  }
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parseOptions();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  if (options.list) {
    for (const { name, title } of figures) console.log(`${name.padEnd(24)}${title}`);
    return 0;
  }
  const signal = interruptible();
  try {
    await measureAll(options, signal);
    console.error('Kept in bench/results/; `npm run docs` writes them into docs/performance.md.');
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    console.error(
      `\nThe bench ended early: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return 1;
  }
}

process.exitCode = await main();
