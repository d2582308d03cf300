import type { DeployError } from '../core/index.ts';
import { duration, errorText, failureText, truncatedList } from '../core/index.ts';
import { annotationAt, longestAnnotation } from '../github/index.ts';
import type { Toolkit } from '../github/index.ts';
import { maskedFailure, maskedRecord } from './masked.ts';
import type { Mask } from './masked.ts';
import { oversizedOutputs, outputsOf, withheldOutputs } from './outputs.ts';
import type { RunRecord } from './record.ts';
import { shortFailureText } from './short-failure.ts';
import { summaryOf } from './summary.ts';

/** What is told, and how secrets are kept out of it. */
export interface Report {
  record: RunRecord;
  failure: DeployError | undefined;
  mask: Mask;
  /** Writes lines of others into the log. */
  line: (text: string) => void;
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
  const masked = maskedRecord(given.record, mask);
  const failure = given.failure && maskedFailure(given.failure, mask);
  if (masked.phases.length > 0) {
    toolkit.info(masked.phases.map(({ name, seconds }) => `${name} ${duration(seconds)}`).join(', '));
  }
  if (failure === undefined) toolkit.info(masked.conclusion?.sentence ?? '');
  else {
    const title = `asg-deploy: ${failure.reason}`;
    const shown = shortFailureText(failure, longestAnnotation);
    const whole = failureText(failure);
    if (shown !== whole) given.line(whole);
    toolkit.error(shown, { title, ...annotationAt(failure.place) });
    toolkit.debug(mask(stackOf(failure)));
  }
  const left = leftOut(masked, mask);
  const warnings = [...left.warnings, ...setOutputs(toolkit, outputsOf(masked, failure, now, left.names))];
  for (const text of warnings) toolkit.warning(text);
  const record = { ...masked, warnings: [...masked.warnings, ...warnings] };
  const summary = (bytes?: number): string => summaryOf(record, failure, { now, bytes });
  await writeSummary(toolkit, summary());
  return { record, failure, summary };
}

/** Outputs of the Terraform root that are not told, and what is said of them. Pure. */
function leftOut(record: RunRecord, mask: Mask): { names: string[]; warnings: string[] } {
  const withheld = withheldOutputs(record, mask);
  const oversized = oversizedOutputs(record, withheld);
  const warnings = withheld.map(
    (name) =>
      `output "${name}" holds what a sensitive output of the Terraform root holds: it is left out of terraform-outputs. Let it be sensitive too`,
  );
  if (oversized.length > 0)
    warnings.push(
      `GitHub takes 1 MB of a job's outputs, and the Terraform root gives more: ${truncatedList(oversized)} left out of terraform-outputs, the largest first. Read them where they are needed, with terraform output`,
    );
  return { names: [...withheld, ...oversized], warnings };
}

/**
 * What was done is done: a disk that is full keeps later steps from hearing of it, and is no failure of a deployment.
 * @returns what there is to say of it
 */
function setOutputs(toolkit: Toolkit, outputs: Record<string, string>): string[] {
  try {
    for (const [name, value] of Object.entries(outputs)) toolkit.setOutput(name, value);
    return [];
  } catch (error) {
    return [
      `the outputs of this step can't be written (${errorText(error)}): later steps find some of them empty`,
    ];
  }
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
