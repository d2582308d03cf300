import type { RefreshObservation, RefreshStatus } from './observations.ts';

/** What a status means for who watches. */
export interface StatusMeaning {
  /** An active refresh blocks the start of another one. */
  active: boolean;
  rollingBack: boolean;
  /** Words for the log. */
  words: string;
}

const meanings: Record<RefreshStatus, StatusMeaning> = {
  Pending: { active: true, rollingBack: false, words: 'waiting to begin' },
  InProgress: { active: true, rollingBack: false, words: 'in progress' },
  Baking: {
    active: true,
    rollingBack: false,
    words: 'all instances replaced; watching the alarms (bake time)',
  },
  Cancelling: { active: true, rollingBack: false, words: 'being cancelled' },
  RollbackInProgress: { active: true, rollingBack: true, words: 'rolling back' },
  Successful: { active: false, rollingBack: false, words: 'successful' },
  Failed: { active: false, rollingBack: false, words: 'failed' },
  Cancelled: { active: false, rollingBack: false, words: 'cancelled' },
  RollbackFailed: { active: false, rollingBack: true, words: 'the rollback failed' },
  RollbackSuccessful: { active: false, rollingBack: true, words: 'rolled back' },
};

/** The meaning of a status; one that this action does not know is taken for active, so that nobody acts on a guess. */
export function statusMeaning(status: string): StatusMeaning & { known: boolean } {
  if (isKnown(status)) return { ...meanings[status], known: true };
  return { active: true, rollingBack: false, words: status, known: false };
}

function isKnown(status: string): status is RefreshStatus {
  return Object.hasOwn(meanings, status);
}

/** Whether a refresh still goes on, so that no other one can be started. */
export function isActive({ status }: Pick<RefreshObservation, 'status'>): boolean {
  return statusMeaning(status).active;
}
