import type { FailureReason } from '../../core/index.ts';

/** One line of what shows a cause. */
export interface Evidence {
  label: string;
  text: string;
}

/** A cause in words. Everything in it is masked. */
export interface Diagnosis {
  reason: FailureReason;
  /** One sentence, first word lower case, no full stop. */
  sentence: string;
  evidence: Evidence[];
  next: string;
}
