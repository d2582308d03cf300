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
  /** The floor where the version before has no requests any more, and other minutes are compared. */
  errorFloorAlone: number;
  /** Requests to either version that make a look: as many minutes as it takes. */
  lookRequests: number;
  /** Looks in a row that condemn, each of them worse by itself. */
  looksToCondemn: number;
  /** What one look condemns for: a chance that is smaller by a factor, and a share of failed requests that is larger. */
  overwhelming: { factor: number; more: number; moreAlone: number };
  /** The chance below which a difference is worth another look before the rollout goes on. */
  suspicion: number;
  /** Requests to either version in a step without which the new one is not called good. */
  enoughRequests: number;
}

/** Chosen by the figures in docs/judgement.md, which `npm run judgement` makes. */
export const defaultRules: JudgementRules = {
  chance: 0.0003,
  errorFloor: 0.005,
  latencyFactor: 1.25,
  latencySeconds: 0.02,
  errorFloorAlone: 0.02,
  lookRequests: 20,
  looksToCondemn: 2,
  overwhelming: { factor: 0.001, more: 0.08, moreAlone: 0.5 },
  suspicion: 0.05,
  enoughRequests: 300,
};
