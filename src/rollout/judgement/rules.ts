import type { Traffic } from '../model/index.ts';

/** The same minute of both versions. */
export interface JudgedWindow {
  start: Date;
  end: Date;
  /** The percentage of the requests that was to go to the new version: the step it belongs to. */
  weight: number;
  previous: Traffic;
  current: Traffic;
}

/** What condemns, and what is too little to say anything. */
export interface JudgementRules {
  /** The chance with which a version that is as good as the one before may be condemned, by each thing that is measured and over the whole rollout. */
  chance: number;
  /** The share of failed requests, more than the version before has, below which nothing is condemned. */
  errorFloor: number;
  /** What the 95th percentile of the response time may grow by: a factor, and seconds on top of it. */
  latencyFactor: number;
  latencySeconds: number;
  /** How many floors it takes where the version before has no requests any more, and other minutes are compared. */
  floorsAlone: number;
  /** Requests to either version that make a look: as many minutes as it takes. */
  lookRequests: number;
  /** Looks in a row that condemn, each of them worse by itself. */
  looksToCondemn: number;
  /** What one look condemns for: the chance is so much smaller still, and the failed requests are so many floors. */
  overwhelming: { chance: number; floors: number };
  /** The chance below which a difference is worth another look before the rollout goes on. */
  suspicion: number;
  /** Requests to the new version in a step without which it is not called good. */
  enoughRequests: number;
}

/** Chosen by the figures in docs/judgement.md, which `npm run judgement` makes. */
export const defaultRules: JudgementRules = {
  chance: 0.0003,
  errorFloor: 0.005,
  latencyFactor: 1.25,
  latencySeconds: 0.02,
  floorsAlone: 4,
  lookRequests: 50,
  looksToCondemn: 2,
  overwhelming: { chance: 1e-6, floors: 10 },
  suspicion: 0.05,
  enoughRequests: 300,
};
