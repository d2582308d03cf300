import type { FaultRow } from '../../__tests__/support/faults.ts';
import { blueGreenFaults, deploymentFaults, lefts, rollingFaults } from '../../__tests__/support/faults.ts';
import { replaceBetween } from './markers.ts';

const head = ['| what happens | what you read | what is left |', '|---|---|---|'];

/** By the markers that they stand between. */
const tables = { deployment: deploymentFaults, rolling: rollingFaults, 'blue-green': blueGreenFaults };

/** docs/faults.md with its tables made anew from the very list that the tests hold runs against. */
export function withFaultTables(document: string): string {
  return Object.entries(tables).reduce(
    (text, [name, rows]) => replaceBetween(text, name, ['', ...table(rows), '']),
    document,
  );
}

function table(rows: Readonly<Record<string, FaultRow>>): string[] {
  const lines = Object.values(rows).map(({ fault, reason, seen, left }) => {
    const read = reason === '' ? seen : `\`${reason}\`: ${seen}`;
    return `| ${cell(fault)} | ${cell(read)} | ${cell(lefts[left])} |`;
  });
  return [...head, ...lines];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
