import type { DeployError } from '../core/index.ts';
import { duration, failureText } from '../core/index.ts';
import { annotationAt } from '../github/index.ts';
import type { Toolkit } from '../github/index.ts';
import { maskedFailure, maskedRecord } from './masked.ts';
import type { Mask } from './masked.ts';
import { outputsOf, withheldOutputs } from './outputs.ts';
import type { RunRecord } from './record.ts';
import { summaryOf } from './summary.ts';

/** What is told, and how secrets are kept out of it. */
export interface Report {
  record: RunRecord;
  failure: DeployError | undefined;
  mask: Mask;
}

/** What was reported, masked. */
export interface Reported {
  record: RunRecord;
  failure: DeployError | undefined;
  /** The summary in at most so many bytes. */
  summary: (bytes?: number) => string;
}

/**
 * Tells how a run ended, on every path alike: log, annotation, outputs and job summary. What people and programs wrote is
 * masked; outputs, links, names and ids are told whole or not at all.
 */
export async function report(toolkit: Toolkit, given: Report): Promise<Reported> {
  const now = Date.now();
  const { mask } = given;
  const record = maskedRecord(given.record, mask);
  const failure = given.failure && maskedFailure(given.failure, mask);
  if (record.phases.length > 0) {
    toolkit.info(record.phases.map(({ name, seconds }) => `${name} ${duration(seconds)}`).join(', '));
  }
  if (failure === undefined) toolkit.info(record.conclusion?.sentence ?? '');
  else {
    const title = `asg-deploy: ${failure.reason}`;
    toolkit.error(failureText(failure), { title, ...annotationAt(failure.place) });
    toolkit.debug(mask(stackOf(failure)));
  }
  const withheld = withheldOutputs(record, mask);
  for (const name of withheld)
    toolkit.warning(
      `output "${name}" holds what a sensitive output of the Terraform root holds: it is left out of terraform-outputs. Let it be sensitive too`,
    );
  for (const [name, value] of Object.entries(outputsOf(record, failure, now, withheld)))
    toolkit.setOutput(name, value);
  const summary = (bytes?: number): string => summaryOf(record, failure, { now, bytes });
  await writeSummary(toolkit, summary());
  return { record, failure, summary };
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
