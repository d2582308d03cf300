import type { Phase } from '../core/index.ts';
import { phaseFacts } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import type { CommandContext } from './context.ts';

/** What a phase is told to. */
export interface PhaseContext extends Pick<CommandContext, 'record' | 'onPhase'> {
  run: Pick<Run, 'log' | 'signal'>;
}

/** Runs one phase under its own heading in the log and puts its time on record, also when it fails. */
export async function phase<T>(
  { run, record, onPhase }: PhaseContext,
  name: Phase,
  work: () => Promise<T>,
): Promise<T> {
  run.signal.throwIfAborted();
  onPhase(name);
  record.phase = name;
  const started = Date.now();
  const { title } = phaseFacts(name);
  try {
    return await (title === undefined ? work() : run.log.group(title, work));
  } catch (error) {
    // Another phase may have begun beside this one.
    record.phase = name;
    throw error;
  } finally {
    record.phases.push({ name, seconds: (Date.now() - started) / 1000 });
  }
}
