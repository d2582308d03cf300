import type { Image, Log } from '../core/index.ts';
import { duration, shortDigest } from '../core/index.ts';
import type { Environment } from '../environment/index.ts';
import { strategySaid } from '../inputs/index.ts';
import { tookOf, type Conclusion } from '../report/index.ts';
import type { RolloutPreview } from '../rollout/index.ts';
import { savedTemplateVersion } from '../rollout/index.ts';
import type { Run } from '../run/index.ts';
import type { Plan } from '../terraform/index.ts';
import type { CommandContext } from './context.ts';
import { findEnvironment, placeholderImage, runningImage } from './current.ts';
import { phase } from './phase.ts';
import { protectedIn } from './protections.ts';
import { openWithoutMaking, planWith } from './steps.ts';

/**
 * Shows what a deployment would change, and changes nothing: no bucket, table or repository is made, no lock is
 * taken. It is planned with the image that runs now, so that it shows what the code's infrastructure changes and
 * nothing else; and it says how the rollout of the next version would go.
 */
export async function plan(context: CommandContext): Promise<Conclusion> {
  const { run, record } = context;
  const infrastructure = await openWithoutMaking(context);
  const { bucket, lockTable } = infrastructure.missing;
  if (bucket !== undefined) run.log.line(willBeMade(`state bucket ${bucket}`));
  if (lockTable !== undefined) run.log.line(willBeMade(`lock table ${lockTable}`));
  const found = await phase(context, 'look', () => findEnvironment(context));
  const environment = found === 'unreadable' ? undefined : found;
  const image = await imageFor(context, environment);
  record.image = image;
  const planned = await phase(context, 'plan', async () => {
    const reference = image?.reference ?? placeholderImage(context);
    const made = await planWith(context, infrastructure.root, reference, { readOnly: true });
    for (const { address, why } of await protectedIn(made)) {
      const finding = `${address}: AWS would refuse to delete it (${why})`;
      record.refused.push(finding);
      run.log.line(`deploy would refuse this plan: ${finding}`);
    }
    return made;
  });
  const preview =
    environment !== undefined && (await changesStrategy(context, planned, environment))
      ? 'unreadable'
      : environment && (await previewNext(context, environment));
  return { status: 'planned', sentence: sentenceOf(context, found === 'unreadable' ? found : preview) };
}

/** What the inputs say of a strategy that is yet to come is no forecast for the groups that are there. */
async function changesStrategy(
  { run }: CommandContext,
  planned: Plan,
  { outputs }: Environment,
): Promise<boolean> {
  if (strategySaid(run.inputs) === undefined) return false;
  return (await planned.blueGreen()) !== (outputs.blueGreen !== undefined);
}

function willBeMade(what: string): string {
  return `There is no ${what} yet: the first deployment makes it`;
}

async function imageFor(
  { run, stages }: CommandContext,
  environment: Environment | undefined,
): Promise<Image | undefined> {
  if (run.inputs.image !== undefined) return stages.findImageToRun(run, run.inputs.image);
  const running = environment === undefined ? undefined : runningImage(environment);
  run.log.line(
    running === undefined
      ? 'No image runs here yet: planned with a stand-in for the one that a deployment builds'
      : `Planned with the image that runs now, ${shortDigest(running.digest)}`,
  );
  const saved = environment === undefined ? undefined : savedTemplateVersion(environment.group);
  const newest = environment?.versions[0]?.version;
  if (saved !== undefined && newest !== undefined && newest > saved)
    run.log.line(
      `Version ${saved} runs and ${newest} is the newest: the launch template may show a change for it`,
    );
  return running;
}

/** Every deployment of a new image rolls out, so the forecast is for the next version. */
function previewNext(context: CommandContext, environment: Environment): Promise<RolloutPreview> {
  const { run, record, stages } = context;
  record.outputs = environment.outputs;
  return phase(context, 'rollout', async () => {
    const newest = environment.versions[0]?.version ?? environment.outputs.launchTemplateVersion;
    const noted: Run = { ...run, log: noting(run.log, record.details) };
    return stages.previewRollout(noted, { ...environment.outputs, launchTemplateVersion: newest + 1 });
  });
}

/** A log whose lines are also kept for the summary. */
function noting(log: Log, lines: string[]): Log {
  return {
    line: (text) => {
      lines.push(text);
      log.line(text);
    },
    debug: (text) => log.debug(text),
    warning: (text, place) => log.warning(text, place),
    secret: (value, of) => log.secret(value, of),
    publish: (names, parts) => log.publish(names, parts),
    group: (title, work) => log.group(title, work),
  };
}

/** ", and deploy would refuse that (2 findings)" */
function refusedOf(refused: readonly string[]): string {
  return refused.length === 0
    ? ''
    : `, and deploy would refuse that (${refused.length} ${refused.length === 1 ? 'finding' : 'findings'})`;
}

function sentenceOf(
  { run, record }: CommandContext,
  preview: RolloutPreview | 'unreadable' | undefined,
): string {
  const { application, environment } = run.inputs;
  const { add = 0, change = 0, destroy = 0 } = record.plan ?? {};
  const what =
    add + change + destroy === 0
      ? 'the infrastructure would not change'
      : `${add} to add, ${change} to change, ${destroy} to destroy${refusedOf(record.refused)}`;
  return `Planned ${application} in ${environment}: ${what}; ${rolloutWords(preview)}. Nothing was touched. ${tookOf(record, Date.now())}.`;
}

function rolloutWords(preview: RolloutPreview | 'unreadable' | undefined): string {
  if (preview === undefined) return 'this would be the first deployment';
  if (preview === 'unreadable') return 'how a rollout would go can not be said of what is there now';
  const errors = preview.findings.filter(({ severity }) => severity === 'error').length;
  return errors > 0
    ? `a rollout would be refused now (${errors} ${errors === 1 ? 'finding' : 'findings'})`
    : `a rollout would take about ${duration(preview.seconds)}`;
}
