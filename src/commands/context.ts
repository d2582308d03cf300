import type { RunRecord } from '../report/record.ts';
import { seconds } from '../report/text.ts';
import type { Run } from '../run.ts';
import type { PhaseModules } from './phases.ts';

/** What every command gets: the run, the record that it writes for the report, and the phases. */
export interface CommandContext {
  run: Run;
  record: RunRecord;
  modules: PhaseModules;
  /** Called when a phase begins, so that the post step knows how far a killed run had come. */
  onPhase: (name: PhaseName) => void;
}

export type Command = (context: CommandContext) => Promise<void>;

/** The phases in the order of the README. */
const titles = {
  backend: 'Backend: state bucket, lock table, terraform init',
  image: 'Image: build',
  registry: 'Image: registry and push',
  infrastructure: 'Infrastructure: terraform plan and apply',
  plan: 'Infrastructure: terraform plan',
  rollout: 'Rollout',
} as const;

export type PhaseName = keyof typeof titles;

/** Runs one phase under its own heading in the log and puts its time on record, also when it fails. */
export async function phase<T>(context: CommandContext, name: PhaseName, work: () => Promise<T>): Promise<T> {
  const { run, record, onPhase } = context;
  run.signal.throwIfAborted();
  onPhase(name);
  record.phase = name;
  const started = Date.now();
  const time = () => (Date.now() - started) / 1000;
  try {
    // The rollout is what people watch: it is not folded away.
    const result = await (name === 'rollout' ? work() : run.log.group(titles[name], work));
    run.log.line(`${name}: ${seconds(time())}`);
    return result;
  } catch (error) {
    record.phase = name;
    throw error;
  } finally {
    record.phases.push({ name, seconds: time() });
  }
}
