/** What EC2 knows about the fleet's instances, whatever driver runs them. */
import type { InstanceDriver, InstanceState, LaunchRequest } from '../fleet/index.ts';

/** One instance as EC2 describes it. */
export interface InstanceRecord {
  request: LaunchRequest;
  /** Milliseconds since 1970. */
  launchedAt: number;
  state: InstanceState;
  /** When the state was first seen to be stopped or terminated. */
  endedAt?: number;
}

/** A driver with a memory, for EC2's API. */
export interface Instances {
  /** The driver to give to the fleet: every launch through it is remembered. */
  driver: InstanceDriver;
  /** Every instance, terminated ones for an hour, oldest first. */
  list(): InstanceRecord[];
}

/** Terminated instances "remain visible for approximately one hour" (API TerminateInstances). */
const VISIBLE_MS = 3_600_000;
/** How many records are kept without looking which of them can go. */
const LOOK_AT = 500;

/**
 * Puts a memory in front of a driver.
 * @param now milliseconds since 1970, of the fleet's clock
 */
export function rememberInstances(driver: InstanceDriver, now: () => number): Instances {
  const records = new Map<string, Omit<InstanceRecord, 'state'>>();
  const stateOf = (instanceId: string): InstanceState => driver.describe(instanceId)?.state ?? 'terminated';
  const list = (): InstanceRecord[] =>
    [...records].flatMap(([instanceId, record]) => {
      const state = stateOf(instanceId);
      if (state === 'stopped' || state === 'terminated') record.endedAt ??= now();
      if (state === 'terminated' && now() - (record.endedAt ?? 0) > VISIBLE_MS) {
        records.delete(instanceId);
        return [];
      }
      return [{ ...record, state }];
    });
  // Looking forgets, so somebody has to look where no caller ever asks EC2.
  let lookAt = LOOK_AT;
  return {
    driver: {
      async launch(request) {
        if (records.size >= lookAt) lookAt = Math.max(LOOK_AT, list().length * 2);
        records.set(request.instanceId, { request, launchedAt: now() });
        try {
          await driver.launch(request);
        } catch (error) {
          // EC2 refused: there never was such an instance.
          records.delete(request.instanceId);
          throw error;
        }
      },
      terminate: (instanceId) => driver.terminate(instanceId),
      describe: (instanceId) => driver.describe(instanceId),
      console: (instanceId) => driver.console(instanceId),
      close: () => driver.close(),
    },
    list,
  };
}
