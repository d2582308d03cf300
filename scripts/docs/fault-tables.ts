import { killRows } from '../../__tests__/e2e/support/kills.ts';
import type { FaultRow } from '../../__tests__/support/faults.ts';
import { blueGreenFaults, deploymentFaults, lefts, rollingFaults } from '../../__tests__/support/faults.ts';
import { replaceBetween } from './markers.ts';

/** A row as it is written: what happens, what is read of it, what is left. */
interface WrittenRow {
  fault: string;
  seen: string;
  left: string;
}

/** By the markers that they stand between. */
const tables: Readonly<Record<string, readonly WrittenRow[]>> = {
  deployment: written(deploymentFaults),
  rolling: written(rollingFaults),
  'blue-green': written(blueGreenFaults),
  kills: killRows,
};

/** docs/faults.md with its tables made anew from the very list that the tests hold runs against. */
export function withFaultTables(document: string): string {
  return Object.entries(tables).reduce(
    (text, [name, rows]) => replaceBetween(text, name, ['', ...table(rows), '']),
    document,
  );
}

function written(rows: Readonly<Record<string, FaultRow>>): WrittenRow[] {
  return Object.values(rows).map(({ fault, reason, seen, left }) => ({
    ...{ fault, left: lefts[left] },
    seen: reason === '' ? seen : `\`${reason}\`: ${seen}`,
  }));
}

function table(rows: readonly WrittenRow[]): string[] {
  const lines = rows.map(({ fault, seen, left }) => `| ${[fault, seen, left].map(cell).join(' | ')} |`);
  return ['| what happens | what you read | what is left |', '|---|---|---|', ...lines];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
