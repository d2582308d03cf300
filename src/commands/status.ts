import { splitDigest, toImage } from '../core/index.ts';
import { imageOf, statusLines, statusReport, versionsToShow } from '../environment/index.ts';
import type { Conclusion } from '../report/index.ts';
import type { CommandContext } from './context.ts';
import { requireEnvironment } from './current.ts';
import { phase } from './phase.ts';

/** Says what runs where and since when, what is under way and where a rollback would go; changes nothing. */
export async function status(context: CommandContext): Promise<Conclusion> {
  const { run, record } = context;
  const report = await phase(context, 'look', async () => {
    const environment = await requireEnvironment(context);
    const shown = versionsToShow(environment).map((version) => imageOf(environment, version));
    const images = await context.stages.readImages(
      run,
      shown.filter((reference) => reference !== ''),
    );
    return statusReport(environment, images);
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
  const drift = report.drift.length;
  const attention = drift === 0 ? '' : `; ${drift} ${drift === 1 ? 'thing needs' : 'things need'} attention`;
  const sentence = `${report.group}: ${healthy} of ${report.desired} instances serve${attention}.`;
  return { status: 'reported', sentence };
}
