import type { Surroundings } from './parsers.ts';
import type { InputReader } from './reader.ts';
import type { InputName, Inputs } from './table.ts';

/** What one command wants of the inputs. */
export interface CommandRules {
  /** Runs no Terraform. */
  withoutTerraform?: true;
  /** Inputs that no other command takes. */
  takes?: readonly InputName[];
  /** It builds an image, unless one is named. */
  builds?: true;
}

/** What a rule is checked with. */
export interface RuleContext extends Omit<Surroundings, 'commands'> {
  reader: InputReader;
  inputs: Inputs;
  /** The job's own environment. */
  job: NodeJS.ProcessEnv;
  commands: Readonly<Record<string, CommandRules>>;
}

/** What inputs have to be to each other, or to the command; checked when each of them is fine by itself. */
export interface Rule {
  of: readonly InputName[];
  check: (context: RuleContext) => void;
}
