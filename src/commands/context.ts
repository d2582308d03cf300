import type { CommitRange, Comparison, Phase, TerraformOutputs } from '../core/index.ts';
import type { SavedRollout } from '../github/index.ts';
import type { Conclusion, RunRecord } from '../report/index.ts';
import type { Run } from '../run/index.ts';
import type { Stages } from './stages.ts';

/** What every command gets: the run, the record that it writes for the report, and the stages. */
export interface CommandContext {
  run: Run;
  record: RunRecord;
  stages: Stages;
  /** Called when a phase begins, so that the post step knows how far a killed run had come. */
  onPhase: (name: Phase) => void;
  /** Called when it is known which commit is going to run: 40 hex digits, or '' where nobody knows. */
  onDeploying: (commit: string) => void;
  /** What came and went between two commits; undefined where nobody says. */
  compareCommits: (commits: Comparison, signal: AbortSignal) => Promise<CommitRange | undefined>;
  /** Called when a rollout begins, so that the post step can look after it when this run no longer can. */
  onRollout: (outputs: TerraformOutputs, begun: Pick<SavedRollout, 'keeps' | 'leaves'>) => void;
}

/** One command, from its first phase to its last: how it went well, or a DeployError. */
export type Command = (context: CommandContext) => Promise<Conclusion>;
