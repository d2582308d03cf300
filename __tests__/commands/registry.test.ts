import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { commandNamed, commands } from '../../src/commands/registry.ts';

describe('the registry', () => {
  it.each(Object.entries(commands))('loads %s', async (_name, { load }) => {
    expect(await load()).toBeInstanceOf(Function);
  });

  it('knows no other command', () => {
    expect(commandNamed('plan')).toBe(commands.plan);
    for (const name of ['', 'depoly', 'toString']) expect(commandNamed(name)).toBeUndefined();
  });

  it('has the commands that action.yml names', async () => {
    const { inputs } = parse(await readFile('action.yml', 'utf8')) as {
      inputs: { command: { description: string } };
    };
    const { description } = inputs.command;
    expect(Object.keys(commands).filter((name) => !description.includes(`\`${name}\``))).toEqual([]);
  });
});
