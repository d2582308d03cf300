import type { TerraformOutputs } from '../core/index.ts';
import type { RunRecord } from '../report/index.ts';
import type { Run } from '../run/index.ts';
import type { PhaseModules } from './phases.ts';

/** What every command gets: the run, the record that it writes for the report, and the phases. */
export interface CommandContext {
  run: Run;
  record: RunRecord;
  modules: PhaseModules;
  /** Called when a phase begins, so that the post step knows how far a killed run had come. */
  onPhase: (name: PhaseName) => void;
  /** Called when a rollout begins, so that the post step can look after it when this run no longer can. */
  onRollout: (outputs: TerraformOutputs) => void;
}

export type Command = (context: CommandContext) => Promise<void>;

/** The phases in the order of the README. */
const titles = {
  backend: 'Backend: state bucket, lock table, terraform init',
  image: 'Image: build',
  registry: 'Image: registry and push',
  infrastructure: 'Infrastructure: terraform plan and apply',
  plan: 'Infrastructure: terraform plan',
  destruction: 'Infrastructure: terraform destroy',
  look: 'What is deployed',
} as const;

export type PhaseName = keyof typeof titles | 'rollout';

/** Runs one phase under its own heading in the log and puts its time on record, also when it fails. */
export async function phase<T>(context: CommandContext, name: PhaseName, work: () => Promise<T>): Promise<T> {
  const { run, record, onPhase } = context;
  run.signal.throwIfAborted();
  onPhase(name);
  record.phase = name;
  const started = Date.now();
  try {
    // The rollout is what people watch: it is not folded away.
    if (name === 'rollout') return await work();
    return await run.log.group(titles[name], work);
  } catch (error) {
    record.phase = name;
    throw error;
  } finally {
    record.phases.push({ name, seconds: (Date.now() - started) / 1000 });
  }
}
