import type { DiagnosisNames } from '../context/index.ts';
import type { BootMarker, Evidence, NewInstance, RolloutFacts } from '../model/index.ts';
import { exitCode } from '../model/index.ts';
import type { Cause } from '../verdict/index.ts';
import {
  bootRemedy,
  bootSentence,
  isNoise,
  lastAnswer,
  plain,
  speaksOfError,
  tellingLine,
} from './boot-failures.ts';
import type { Explanation } from './explanation.ts';
import { countOfNew, evidence, instanceCount, targetText, times } from './words.ts';

/** Lines of a container's log that are shown; the telling one comes first. */
const shownLines = 5;

/** Instances whose boot failed. */
export function boot(
  { failed, total }: Extract<Cause, { kind: 'boot' }>,
  facts: RolloutFacts,
  names: DiagnosisNames,
): Explanation {
  const instance = failed[0];
  const marker = instance?.marker;
  if (!instance || !marker) throw new Error('a failed boot without its marker');
  const answer = lastAnswer(marker);
  return {
    reason: 'boot-failed',
    sentence: `${names.version} does not start: ${bootSentence(marker)} ${countOfNew(failed.length, total)}`,
    evidence: [
      ...lastWords(marker, instance.id),
      ...(answer ? evidence(`what ${answer.path} answered last`, answer.text) : []),
      ...evidence(
        'what the boot said',
        [marker.step && `step ${marker.step}`, marker.details].filter(Boolean).join(': '),
      ),
      ...evidence('what AWS said', awsSaid(failed, facts)),
    ],
    ...bootRemedy(marker, names),
  };
}

/** The last lines of the container, or of the hook that failed, the one that says most first; else what the console shows of an error before it. */
export function lastWords(marker: BootMarker, instanceId: string): Evidence[] {
  const { logged, step } = marker;
  // What merely came before on the console is shown only where it speaks of an error.
  const lines = logged
    ? marker.lastLines
    : marker.lastLines.filter((line) => speaksOfError(line) && !marker.details.includes(line.trim()));
  const telling = tellingLine(lines);
  const others = lines.filter((line) => !isNoise(line)).map((line) => plain(line.trim()));
  const around = [...new Set(others)].filter((line) => line !== plain(telling)).slice(-(shownLines - 1));
  const silent = !logged && !telling && (step === 'run' || step === 'health');
  return [
    ...evidence(
      logged || silent
        ? `what the ${step === 'hook' ? 'hook' : 'container'} said last`
        : 'the console before it',
      silent ? `nothing   (${instanceId})` : telling && `${plain(telling)}   (${instanceId})`,
    ),
    ...evidence('and around it', around.join(' | ')),
  ];
}

function awsSaid(instances: NewInstance[], facts: RolloutFacts): string {
  // That a target has not been judged yet says nothing about why.
  const judged = instances.flatMap(({ targets }) => targets).filter(({ state }) => state !== 'initial');
  const reasons = new Set(judged.flatMap((target) => targetText(target) || []));
  const replacedOnes = facts.instances.filter((each) => each.replacedFor).length;
  return [...reasons, replacedOnes > 0 ? `${instanceCount(replacedOnes)} replaced so far` : '']
    .filter(Boolean)
    .join('; ');
}

/** Containers that ended after they were healthy. */
export function restarted(
  { restarted: ended, total }: Extract<Cause, { kind: 'restarted' }>,
  names: DiagnosisNames,
): Explanation {
  const instance = ended[0];
  const marker = instance?.marker;
  if (!instance || !marker) throw new Error('a restart without its marker');
  const code = exitCode(marker);
  return {
    reason: 'boot-failed',
    sentence: `${names.version} does not stay up: the container ${code === undefined ? 'ended' : `exited with code ${code}`} after it was healthy, on ${countOfNew(ended.length, total)}`,
    evidence: [
      ...lastWords(marker, instance.id),
      ...evidence('how often', `Docker started it again ${times(marker.restarts)} on ${instance.id}`),
    ],
    ...bootRemedy({ ...marker, step: 'run' }, names),
  };
}
