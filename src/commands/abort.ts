import type { Conclusion } from '../report/index.ts';
import { aborted } from './conclusions.ts';
import type { CommandContext } from './context.ts';
import { requireEnvironment } from './current.ts';
import { phase } from './phase.ts';

/**
 * Takes back a rollout that is under way or paused, whoever began it and when: of two groups all requests go to the version
 * before, and the other fleet goes; in one group the instances of the new version are replaced by those of the one before.
 *
 * @throws DeployError `rollback-failed` where the version before does not serve, and as `abortRefresh`
 */
export async function abort(context: CommandContext): Promise<Conclusion> {
  const { run, record, stages } = context;
  const { outputs } = await phase(context, 'look', () => requireEnvironment(context));
  record.commit = '';
  const done = await phase(context, 'rollout', () => stages.abort(run, outputs));
  record.rollout = done?.result;
  return aborted(record, done, Date.now());
}
