import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { commands } from '../../src/commands/registry.ts';
import { type DeployError, failureReasons } from '../../src/core/errors.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { outcomes } from '../../src/report/record.ts';
import { root } from '../support/scanners.ts';

/** action-types.yml against action.yml and against what the action takes and gives. */

interface Type {
  type: string;
  'allowed-values'?: string[];
  separator?: string;
  'list-item'?: Type;
}
interface Declared {
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

const read = (file: string): unknown => parse(readFileSync(join(root, file), 'utf8'));
const types = read('action-types.yml') as Record<keyof Declared, Record<string, Type>>;
const action = read('action.yml') as Declared;

/** What the action says of one input of this value among others that are fine; '' when it takes it. */
function refusal(name: string, value: string): string {
  const given: Record<string, string> = { application: 'shop', environment: 'prod', [name]: value };
  const world = { workspace: root, given: [], kind: () => 'file' as const, commands };
  try {
    parseInputs((input) => given[input] ?? '', world);
    return '';
  } catch (error) {
    const { message, evidence } = error as DeployError;
    return evidence.find(({ label }) => label === name)?.text ?? message;
  }
}
describe('action-types.yml', () => {
  it.each(['inputs', 'outputs'] as const)('has the %s of action.yml, in their order', (kind) => {
    expect(Object.keys(types[kind])).toEqual(Object.keys(action[kind]));
  });

  it.each(Object.entries(types.inputs))('tells what %s takes', (name, { type, ...more }) => {
    const nonsense = refusal(name, 'no such value');
    if (type === 'boolean') expect(nonsense).toContain('true or false');
    else if (type === 'integer') expect(nonsense).toContain('whole number');
    else if (type === 'list') {
      const integers = more['list-item']?.type === 'integer';
      if (integers) expect(nonsense).toContain('whole number');
      expect(more.separator).toMatch(/^[,\n]$/);
    } else if (type === 'enum') {
      const words = more['allowed-values'] ?? [];
      expect(nonsense).toContain(`give ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`);
    } else {
      expect(type).toBe('string');
      expect(nonsense).not.toMatch(/whole number|; give [\w/, -]+ or [\w/-]+$/);
    }
  });

  it('names every status and every failure-reason', () => {
    expect(types.outputs.status?.['allowed-values']).toEqual(outcomes);
    expect(types.outputs['failure-reason']?.['allowed-values']).toEqual(failureReasons);
  });
});
