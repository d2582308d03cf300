import { DeployError, splitDigest, toImage } from '../core/index.ts';
import { statusLines, statusReport, versionsToShow, imageOf } from '../environment/index.ts';
import type { Environment } from '../environment/index.ts';
import { phase } from './context.ts';
import type { CommandContext } from './context.ts';

/** Says what runs where and since when, what is under way and where a rollback would go; changes nothing. */
export async function status(context: CommandContext): Promise<void> {
  const { run, record } = context;
  const { environment, report } = await phase(context, 'look', async () => {
    const environment = await lookAt(context);
    const { readImages } = await context.modules.deployed();
    const shown = versionsToShow(environment).map((version) => imageOf(environment, version));
    const images = await readImages(
      run,
      shown.filter((reference) => reference !== ''),
    );
    return { environment, report: statusReport(environment, images) };
  });
  record.running = report;
  record.commit = '';
  const running = report.versions[0];
  if (running !== undefined && running.image !== '')
    record.image = toImage({ ...splitDigest(running.image), tag: running.commit });
  const { application, environment: name, region } = run.inputs;
  record.details = statusLines(report, { application, environment: name, region, now: Date.now() });
  for (const line of record.details) run.log.line(line);
  for (const sentence of report.drift) run.log.debug(sentence);
  const healthy = report.versions.reduce((sum, each) => sum + each.healthy, 0);
  record.conclusion = `${environment.group.name}: ${healthy} of ${report.desired} instances serve${report.drift.length === 0 ? '' : `; ${report.drift.length} ${report.drift.length === 1 ? 'thing needs' : 'things need'} attention`}.`;
}

/**
 * The environment as it is, put on record.
 * @throws DeployError `group-missing` when nothing was deployed here
 */
export async function lookAt(context: CommandContext): Promise<Environment> {
  const { run, record, modules } = context;
  const { readEnvironment } = await modules.deployed();
  const environment = await readEnvironment(run);
  if (environment === undefined) throw nothingThere(context);
  record.outputs = environment.outputs;
  return environment;
}

function nothingThere({ run }: CommandContext): DeployError {
  const { application, environment, region } = run.inputs;
  return new DeployError({
    reason: 'group-missing',
    message: `${application} is not deployed to ${environment} in ${region}: its Terraform state is missing or empty`,
    left: 'Nothing was touched.',
    next: 'see that application, environment, region and state-bucket are those of the deployment, or deploy first',
  });
}
