import { savedTemplateVersion } from '../rollout/index.ts';
import type { Environment } from '../environment/index.ts';
import type { Image } from '../core/index.ts';
import { duration, shortDigest } from '../core/index.ts';
import type { Foreseen } from '../rollout/index.ts';
import type { Run } from '../run/index.ts';
import type { Log } from '../core/index.ts';
import { phase } from './context.ts';
import type { CommandContext } from './context.ts';
import { lookIfThere, runningImage, standIn } from './running.ts';
import { openWithoutMaking, planWith } from './steps.ts';

/**
 * Shows what a deployment would change, and changes nothing: no bucket, table or repository is made, no lock is
 * taken. It is planned with the image that runs now, so that it shows what the code's infrastructure changes and
 * nothing else; and it says how the rollout of the next version would go.
 */
export async function plan(context: CommandContext): Promise<void> {
  const { run, record } = context;
  const infrastructure = await openWithoutMaking(context);
  for (const what of infrastructure.missing)
    run.log.line(`There is no ${what} yet: the first deployment makes it`);
  const environment = await phase(context, 'look', () => lookIfThere(context));
  const image = await imageFor(context, environment);
  record.image = image;
  await phase(context, 'plan', () =>
    planWith(context, infrastructure.root, image?.reference ?? standIn(context), { readOnly: true }),
  );
  const foreseen = environment === undefined ? undefined : await foreseeNext(context, environment);
  record.conclusion = conclusionOf(context, foreseen);
}

async function imageFor(
  { run, modules }: CommandContext,
  environment: Environment | undefined,
): Promise<Image | undefined> {
  if (run.inputs.image !== undefined) {
    const { findImage } = await modules.image();
    return findImage(run, run.inputs.image);
  }
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
function foreseeNext(context: CommandContext, environment: Environment): Promise<Foreseen> {
  const { run, record, modules } = context;
  record.outputs = environment.outputs;
  return phase(context, 'rollout', async () => {
    const { foresee } = await modules.rollout();
    const newest = environment.versions[0]?.version ?? environment.outputs.launchTemplateVersion;
    const noted: Run = { ...run, log: noting(run.log, record.details) };
    return foresee(noted, { ...environment.outputs, launchTemplateVersion: newest + 1 });
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
    warning: (text) => log.warning(text),
    secret: (value) => log.secret(value),
    group: (title, work) => log.group(title, work),
  };
}

function conclusionOf({ run, record }: CommandContext, foreseen: Foreseen | undefined): string {
  const { application, environment } = run.inputs;
  const { add = 0, change = 0, destroy = 0 } = record.plan ?? {};
  const what =
    add + change + destroy === 0
      ? 'the infrastructure would not change'
      : `${add} to add, ${change} to change, ${destroy} to destroy`;
  const errors = foreseen?.findings.filter(({ severity }) => severity === 'error').length ?? 0;
  const rollout =
    foreseen === undefined
      ? 'this would be the first deployment'
      : errors > 0
        ? `a rollout would be refused now (${errors} ${errors === 1 ? 'finding' : 'findings'})`
        : `a rollout would take about ${duration(foreseen.seconds)}`;
  return `Planned ${application} in ${environment}: ${what}; ${rollout}. Nothing was touched. ${duration((Date.now() - record.started) / 1000)}.`;
}
