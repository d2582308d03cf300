import { duration, failureReasons } from '../core/index.ts';
import type {
  CommitRange,
  DeployError,
  Image,
  Phase,
  PhaseTime,
  PlanSummary,
  RolloutResult,
  TerraformOutputs,
} from '../core/index.ts';
import type { StatusReport } from '../environment/index.ts';

/** How a run ended, the output `status`. */
export const outcomes = [
  'deployed',
  'partly-replaced',
  'no-instances',
  'paused',
  'aborted',
  'unchanged',
  'planned',
  'reported',
  'destroyed',
  'rolled-back',
  'failed',
  'cancelled',
] as const;

export type Outcome = (typeof outcomes)[number];

/** An outcome as people are shown it. */
const signs: Record<Outcome, string> = {
  deployed: '✅ deployed',
  'partly-replaced': '✅ partly replaced',
  'no-instances': '⚠️ saved, no instance runs',
  paused: '⏸️ paused',
  aborted: '✅ taken back',
  unchanged: '✅ nothing to deploy',
  planned: '✅ planned',
  reported: '✅ looked',
  destroyed: '✅ destroyed',
  'rolled-back': '❌ rolled back',
  failed: '❌ failed',
  cancelled: '⚠️ cancelled',
};

/** The sign of a run: a rollback that was asked for is no deployment, and none of what failed. */
export function signOf(outcome: Outcome, { command }: Pick<RunRecord, 'command'>): string {
  return command === 'rollback' && outcome === 'deployed' ? '✅ went back' : signs[outcome];
}

/** The words of the outputs that are ours, by what each is: no secret hides them. */
export const publicWords: Readonly<Record<string, string>> = Object.fromEntries(
  [...outcomes, ...failureReasons].map((word) => [`the word ${word} of this action's outputs`, word]),
);

/** How a run that went well ended; the command says so. */
export interface Conclusion {
  status: Exclude<Outcome, 'rolled-back' | 'failed' | 'cancelled'>;
  /** One line for a person: the last of the log and the first of the summary. */
  sentence: string;
}

/** What a run has found out and done so far: the commands write it, the report reads it, whatever happened. */
export interface RunRecord {
  /** As it was asked for, known or not. */
  command: string;
  application: string;
  environment: string;
  region: string;
  /** 40 hex digits or ''. */
  commit: string;
  /** Address of the repository on GitHub; '' outside of a job. */
  repositoryUrl: string;
  /** Address of the run on GitHub; '' outside of a job. */
  runUrl: string;
  /** Milliseconds since 1970. */
  started: number;
  phases: PhaseTime[];
  /** The phase that is running, or that failed. */
  phase: Phase | undefined;
  image: Image | undefined;
  plan: PlanSummary | undefined;
  /** What deploy refuses, or would refuse, of the plan: a line each. */
  refused: string[];
  /** Addresses of the groups whose instances the plan's apply starts or ends by itself. */
  groups: string[];
  applied: boolean;
  outputs: TerraformOutputs | undefined;
  rollout: RolloutResult | undefined;
  /** A rollout that was under way, or paused, was taken back for this one. */
  tookBack: boolean;
  /** What ran before the rollout, as far as it is known: `image` is repository@digest or '', `commit` as above. */
  previous: { image: string; commit: string } | undefined;
  /** What came and went between the commits, where GitHub says so. */
  commits: CommitRange | undefined;
  /** What `status` found, for the output `running`. */
  running: StatusReport | undefined;
  /** What the Terraform root says that the environment goes without; '' for nothing. */
  note: string;
  /** Lines that belong into the summary as they are. */
  details: string[];
  /** undefined until the command has ended well. */
  conclusion: Conclusion | undefined;
  warnings: string[];
}

/** A record in which nothing has happened yet, but for what is given. */
export function newRecord(of: Partial<RunRecord> = {}): RunRecord {
  return {
    command: '',
    application: '',
    environment: '',
    region: '',
    commit: '',
    repositoryUrl: '',
    runUrl: '',
    started: Date.now(),
    phases: [],
    phase: undefined,
    image: undefined,
    plan: undefined,
    refused: [],
    groups: [],
    applied: false,
    outputs: undefined,
    rollout: undefined,
    tookBack: false,
    previous: undefined,
    commits: undefined,
    running: undefined,
    note: '',
    details: [],
    conclusion: undefined,
    warnings: [],
    ...of,
  };
}

/** How long the run has taken, in words: "4 min 2 s". `now` in ms since 1970. */
export function tookOf({ started }: RunRecord, now: number): string {
  return duration((now - started) / 1000);
}

/** How the run ended, of the closed list. */
export function outcomeOf(record: RunRecord, failure: DeployError | undefined): Outcome {
  if (failure === undefined) return record.conclusion?.status ?? 'unchanged';
  // Also where somebody cancelled the refresh and not the job: what is there now counts.
  if (record.rollout?.status === 'rolled-back') return 'rolled-back';
  return failure.reason === 'cancelled' ? 'cancelled' : 'failed';
}

/** What is to be added to how things were left, where the apply of this run touched instances itself. */
export function touchedByApply({ applied, groups }: RunRecord): string {
  if (!applied || groups.length === 0) return '';
  return `This run's Terraform apply changed ${groups.join(', ')}, which starts or ends instances by itself.`;
}

/**
 * What a run that ended early has left, as far as its phases tell: the fallback for failures that do not say
 * it themselves, and for a cancel between two steps.
 */
export function whatWasLeft(record: RunRecord): string {
  const name = `${record.application}-${record.environment}`;
  if (record.rollout !== undefined) return `The rollout had ended (${record.rollout.status}).`;
  if (record.phase === 'rollout') {
    return `The infrastructure is up to date; a rollout of ${name} may be under way: see the console.`;
  }
  if (record.phase === 'destruction') {
    return 'Terraform may have destroyed a part of what it planned: run the command again to go on.';
  }
  if (record.phase === 'infrastructure' && !record.applied) {
    return record.groups.length > 0
      ? `Terraform may have changed a part of what it planned, and with ${record.groups.join(', ')} the instances.`
      : 'The running instances were not touched; Terraform may have changed a part of what it planned.';
  }
  if (record.applied)
    return 'The infrastructure is up to date; the instances still run what they ran before.';
  if (record.image?.built === true) {
    return `Image ${record.image.tag} is in the registry; infrastructure and instances were not touched.`;
  }
  if (record.phase === undefined || record.phase === 'credentials') {
    return 'Nothing was touched.';
  }
  return 'Infrastructure and instances were not touched.';
}
