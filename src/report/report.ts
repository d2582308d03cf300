import type { DeployError } from '../core/index.ts';
import { duration, failureText } from '../core/index.ts';
import type { Toolkit } from '../github/index.ts';
import { outputsOf } from './outputs.ts';
import type { RunRecord } from './record.ts';
import { summaryOf } from './summary.ts';

/** What is told, and how secrets are kept out of it. */
export interface Report {
  record: RunRecord;
  failure: DeployError | undefined;
  /** Takes the secrets out of a text. */
  mask: (text: string) => string;
}

/**
 * Tells how a run ended, on every path alike: log, annotation, outputs and job summary.
 * @returns the summary, masked
 */
export async function report(toolkit: Toolkit, { record, failure, mask }: Report): Promise<string> {
  const now = Date.now();
  if (record.phases.length > 0) {
    toolkit.info(record.phases.map(({ name, seconds }) => `${name} ${duration(seconds)}`).join(', '));
  }
  if (failure === undefined) toolkit.info(mask(record.conclusion?.sentence ?? ''));
  else {
    toolkit.error(mask(failureText(failure)), { title: `asg-deploy: ${failure.reason}` });
    toolkit.debug(mask(stackOf(failure)));
  }
  for (const [name, value] of Object.entries(outputsOf(record, failure, now)))
    toolkit.setOutput(name, mask(value));
  const summary = mask(summaryOf(record, failure, now));
  await writeSummary(toolkit, summary);
  return summary;
}

/** Outside of a job there is no file for the summary; a summary that can't be written fails no deployment. */
async function writeSummary(toolkit: Toolkit, text: string): Promise<void> {
  try {
    await toolkit.summary.addRaw(text).write();
  } catch (error) {
    toolkit.debug(`no job summary: ${String(error)}`);
  }
}

function stackOf(failure: DeployError): string {
  const cause = failure.cause instanceof Error ? `\n${failure.cause.stack ?? ''}` : '';
  return `${failure.stack ?? ''}${cause}`;
}
