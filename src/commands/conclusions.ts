import { fullStop, shortCommit, shortDigest } from '../core/index.ts';
import { tookOf, type Conclusion, type RunRecord } from '../report/index.ts';
import { shareOf } from '../rollout/index.ts';
import type { Aborted } from '../rollout/index.ts';

/** How a deployment that went well ended: what runs now, where, and how long it took. `now` in ms since 1970. Pure. */
export function deployed(record: RunRecord, now: number): Conclusion {
  return { status: statusOf(record, nothingDone(record)), sentence: deployedSentence(record, now) };
}

function deployedSentence(record: RunRecord, now: number): string {
  const { application, environment, rollout } = record;
  const { instances, on, at } = wordsOf(record, now);
  const version = rollout?.templateVersion ?? 0;
  const named = nameOf(record, version);
  if (rollout?.status === 'no-instances') return savedSentence(record, named, now);
  if (rollout?.status === 'paused') return pausedSentence(record, named, now);
  if (nothingDone(record)) {
    const count = rollout?.instancesAfter.length ?? 0;
    return `Nothing to deploy: the image exists, the plan is empty, ${count} of ${count} instances run version ${version} and are healthy. ${tookOf(record, now)}.`;
  }
  if (isPartial(record)) {
    return fullStop(`Deployed ${application} to ${environment} in part: ${named} runs on ${on}, ${at}`);
  }
  const moved =
    rollout?.status === 'unchanged' ? `its ${instances} ran ${named} already` : `${named} runs on ${on}`;
  return fullStop(`Deployed ${application} to ${environment}: ${moved}, ${at}`);
}

/** Nothing serves, and so nothing is said to have been deployed. */
function savedSentence(record: RunRecord, named: string, now: number): string {
  const { application, environment } = record;
  return `Saved for ${application} in ${environment}: ${named} is what the group launches next. Nothing was seen to serve: the group wants 0 instances. ${tookOf(record, now)}.`;
}

/** Both versions serve, and a person says how it goes on. */
function pausedSentence(record: RunRecord, named: string, now: number): string {
  const { application, environment, rollout } = record;
  const { judgements = [] } = rollout?.traffic ?? {};
  const judged = judgements.at(-1);
  const seen = judged === undefined ? '' : ` Seen so far: ${judged.verdict}: ${judged.because}.`;
  return `Paused ${application} in ${environment}: ${named} ${shareWords(record)}. The command promote goes on, abort takes it back; both versions stay until then.${seen} ${tookOf(record, now)}.`;
}

/** "has 10 % of the requests", by weights; "runs on 1 of 5 instances (20 %)" in one group. */
function shareWords({ rollout }: RunRecord): string {
  const { outdatedInstances: kept, instancesAfter = [] } = rollout ?? {};
  if (kept !== undefined) {
    const of = instancesAfter.length;
    const instances = of - kept.length;
    return `runs on ${instances} of ${of} instances (${shareOf({ instances, of })} %)`;
  }
  const { shifts = [], judgements = [] } = rollout?.traffic ?? {};
  const weight = shifts.at(-1)?.weight ?? judgements.at(-1)?.weight;
  return `has ${weight === undefined ? 'its share' : `${weight} %`} of the requests`;
}

/** How an abort ended: what was found and what was left. `now` in ms since 1970. Pure. */
export function aborted(record: RunRecord, aborted: Aborted | undefined, now: number): Conclusion {
  const { application, environment } = record;
  if (aborted === undefined) {
    const sentence = `Nothing to take back: no rollout of ${application} in ${environment} is under way. ${tookOf(record, now)}.`;
    return { status: 'unchanged', sentence };
  }
  return {
    status: 'aborted',
    sentence: fullStop(
      `Took the rollout of ${application} in ${environment} back: ${aborted.left}, at ${record.outputs?.url ?? ''} in ${tookOf(record, now)}`,
    ),
  };
}

/** How a rollback to the version that went well ended. `now` in ms since 1970. Pure. */
export function rolledBack(record: RunRecord, version: number, now: number): Conclusion {
  const unchanged = record.rollout?.status === 'unchanged';
  return { status: statusOf(record, unchanged), sentence: wentBackSentence(record, version, now) };
}

function wentBackSentence(record: RunRecord, version: number, now: number): string {
  const { application, environment, rollout } = record;
  const { instances, on, at } = wordsOf(record, now);
  const named = nameOf(record, version);
  if (rollout?.status === 'paused') return pausedSentence(record, named, now);
  if (rollout?.status === 'no-instances') return savedSentence(record, named, now);
  if (rollout?.status === 'unchanged') {
    return `Nothing to roll back: ${instances} of ${application} in ${environment} run ${named} already. ${tookOf(record, now)}.`;
  }
  const how = isPartial(record) ? ' in part' : '';
  return `Rolled back ${application} in ${environment}${how}: ${named} runs on ${on} again, ${at}.`;
}

/** Nothing was built, changed or moved: the run only looked, and all was as it should be. */
function nothingDone({ image, applied, rollout }: RunRecord): boolean {
  return image?.built !== true && !applied && rollout?.status === 'unchanged';
}

function statusOf({ rollout }: RunRecord, unchanged: boolean): Conclusion['status'] {
  const { status } = rollout ?? {};
  if (status === 'partly-replaced' || status === 'no-instances' || status === 'paused') return status;
  return unchanged ? 'unchanged' : 'deployed';
}

function isPartial({ rollout }: RunRecord): boolean {
  return (rollout?.outdatedInstances?.length ?? 0) > 0;
}

/** "3 instances"; "2 of 3 instances" where some keep another version; "at http://… in 4 min" */
function wordsOf(record: RunRecord, now: number): { instances: string; on: string; at: string } {
  const { rollout, outputs } = record;
  const count = rollout?.instancesAfter.length ?? 0;
  const kept = rollout?.outdatedInstances?.length ?? 0;
  const instances = `${count} ${count === 1 ? 'instance' : 'instances'}`;
  return {
    instances,
    on: kept === 0 ? instances : `${count - kept} of ${instances}`,
    at: `at ${outputs?.url ?? ''} in ${tookOf(record, now)}`,
  };
}

/** "version 42 (image sha256:9f3c1a2b…, commit 4e1a2b7)", as far as it is known what the version runs. */
function nameOf({ image, commit }: RunRecord, version: number): string {
  const content = [
    ...(image === undefined ? [] : [`image ${shortDigest(image.digest)}`]),
    ...(commit === '' ? [] : [`commit ${shortCommit(commit)}`]),
  ];
  return `version ${version}${content.length === 0 ? '' : ` (${content.join(', ')})`}`;
}
