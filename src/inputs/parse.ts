import { misspelt } from '../core/index.ts';
import type { Surroundings } from './parsers.ts';
import { InputReader } from './reader.ts';
import type { CommandRules } from './rule.ts';
import { rules } from './rules.ts';
import type { InputName, Inputs } from './table.ts';
import { inputDefaults, table } from './table.ts';

/** What `parseInputs` asks of the world around the inputs. */
export interface InputSurroundings<C extends string> extends Omit<Surroundings, 'commands'> {
  /** The commands that there are, and what each wants of the inputs. */
  commands: Readonly<Record<C, CommandRules>>;
  /** The job's own environment, whose variables for Terraform are judged like inputs. */
  job?: NodeJS.ProcessEnv;
}

/**
 * Turns what a workflow says into what the phases use, without touching anything.
 *
 * @param read gives an input's text by its kebab-case name, "" when it was not given
 * @throws DeployError `input-invalid` that names every problem at once
 */
export function parseInputs<C extends string>(
  read: (name: string) => string,
  { commands, job = {}, ...world }: InputSurroundings<C>,
): Inputs & { command: C } {
  const reader = new InputReader((name) => {
    const text = read(name);
    return text.trim() === '' ? inputDefaults[name as InputName] : text;
  });
  const around = { ...world, commands: Object.keys(commands) };
  const values = Object.entries(table).map(([property, { defaults, parse }]) => {
    const [name = ''] = Object.keys(defaults);
    return [property, parse(reader, name, around)];
  });
  const inputs = Object.fromEntries(values) as Inputs & { command: C };
  for (const { of, check } of rules)
    if (reader.isFine(...of)) check({ ...world, reader, inputs, commands, job });
  reader.throwIfAny();
  return inputs;
}

/**
 * Names that were given, are no input and are near to one. A job's variables may be called INPUT_SOMETHING, and a composite
 * action hands its own inputs on: what is not near to ours is nobody's business here, and GitHub warns of it by itself.
 *
 * @param given `INPUT_*` in lower case without the prefix
 */
export function misspeltInputs(given: readonly string[]): { name: string; meant: string }[] {
  const known = Object.keys(inputDefaults);
  return given
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = misspelt(name, known);
      return meant === undefined ? [] : [{ name, meant }];
    });
}
