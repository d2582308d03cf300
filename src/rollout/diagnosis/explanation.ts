import type { Diagnosis } from '../model/index.ts';

/** What a person does about a cause. */
export interface Remedy {
  /** "add /shop/prod/DATABASE_URL to Parameter Store", without what follows it. */
  remedy: string;
  /** Whether the job is run again after it; else the remedy is a run by itself. */
  rerun: boolean;
}

/** A cause in words, before its next step is put together. */
export type Explanation = Omit<Diagnosis, 'next'> & Remedy;

/** The next step as the report shows it. */
export function nextOf({ remedy, rerun }: Remedy): string {
  return rerun ? `${remedy}, then run this job again` : remedy;
}
