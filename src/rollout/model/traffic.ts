/**
 * The percentiles of the response time that are read. Of a percentile of one version it is asked which share of the
 * other version's requests took longer: that takes a row of them. Why: docs/judgement.md.
 */
export const latencyPercentiles = [50, 75, 85, 90, 92, 93, 94, 95, 97, 98, 99] as const;

export type LatencyPercentile = (typeof latencyPercentiles)[number];

/** Seconds that the targets took to answer, by percentile. */
export type Latency = Readonly<Record<LatencyPercentile, number>>;

/** What one target group was asked in one minute, as CloudWatch has it. */
export interface Traffic {
  requests: number;
  /** Of these: answered with a 5xx by the target, or not answered because no connection to it came about. */
  errors: number;
  /** Undefined where no target answered. */
  latency: Latency | undefined;
}

/** A minute of several target groups. */
export interface TrafficMinute {
  /** A full minute, by AWS's clock. */
  start: Date;
  /** By the ARN of the target group; every one that was asked for. */
  byTargetGroup: Readonly<Record<string, Traffic>>;
}
