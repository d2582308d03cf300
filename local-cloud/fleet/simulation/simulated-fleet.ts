/** A fleet of simulated instances on a simulated clock, ready to use. */
import type { Network } from '../api/context.ts';
import type { Alarms, HealthCheckSettings, InstanceDriver, Templates } from '../driver.ts';
import { type Fleet, createFleet } from '../fleet.ts';
import { SimulatedClock } from './clock.ts';
import { parseFleetFault } from './faults.ts';
import { Simulation, type SimulationSettings } from './simulation.ts';

export interface SimulatedFleetOptions {
  /** Simulated seconds in one real second; 0: time moves only by `advance`. */
  speed: number;
  /** Milliseconds since the epoch at the beginning; now unless given. */
  start?: number;
  templates: Templates;
  alarms: Alarms;
  network: Network;
  region: string;
  accountId: string;
  settings?: Partial<SimulationSettings>;
  healthCheck?: (targetGroupArn: string) => HealthCheckSettings | undefined;
  port?: (targetGroupArn: string) => number | undefined;
  log?: (line: string) => void;
  newId?: (kind: 'instance' | 'uuid') => string;
  lookupMs?: number;
  /** Puts something between the fleet and the simulated driver, for instance what remembers launches. */
  wrapDriver?: (driver: InstanceDriver) => InstanceDriver;
}

export interface SimulatedFleet {
  fleet: Fleet;
  clock: SimulatedClock;
  simulation: Simulation;
  /**
   * Moves the clock and the fleet forward together. Resolves with the time in milliseconds.
   * @param seconds how far
   * @param stepSeconds how often the fleet looks; every second unless given
   */
  advance(seconds: number, stepSeconds?: number): Promise<number>;
  /** Adds one fault (an object) or replaces them all (a list); gives those that hold now. Throws on nonsense. */
  inject(fault: unknown): unknown;
  clearFaults(): void;
  start(intervalMs: number): void;
  close(): Promise<void>;
}

export function createSimulatedFleet(options: SimulatedFleetOptions): SimulatedFleet {
  const clock = new SimulatedClock(options.speed, options.start);
  const { settings, healthCheck, port } = options;
  const simulation = new Simulation({
    clock,
    ...(settings && { settings }),
    ...(healthCheck && { healthCheck }),
    ...(port && { port }),
  });
  const { targetGroups } = simulation;
  const driver = options.wrapDriver?.(simulation.driver) ?? simulation.driver;
  const fleet = createFleet({ ...options, clock, driver, targetGroups });
  let timer: NodeJS.Timeout | undefined;
  const reportBootFailures = async (): Promise<void> => {
    for (const id of simulation.takeBootFailures()) await reportUnhealthy(fleet, options, id);
  };
  return {
    fleet,
    clock,
    simulation,
    async advance(seconds, stepSeconds = 1) {
      for (let left = seconds; left > 0; left -= stepSeconds) {
        clock.advance(Math.min(left, stepSeconds) * 1000);
        await reportBootFailures();
        await fleet.step();
        // Lets launches that were asked for be accepted or refused before time goes on.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return clock.now();
    },
    inject(fault) {
      const faults = Array.isArray(fault)
        ? fault.map(parseFleetFault)
        : [...simulation.faults, parseFleetFault(fault)];
      simulation.setFaults(faults);
      return simulation.faults;
    },
    clearFaults: () => simulation.setFaults([]),
    start(intervalMs) {
      fleet.start(intervalMs);
      timer ??= setInterval(() => void reportBootFailures(), intervalMs);
    },
    async close() {
      clearInterval(timer);
      await fleet.close();
      await driver.close();
    },
  };
}

/** What failing user data does: marks its own instance unhealthy, whatever the grace period. */
async function reportUnhealthy(fleet: Fleet, options: SimulatedFleetOptions, id: string): Promise<void> {
  try {
    await fleet.service.operations.SetInstanceHealth?.({
      service: 'autoscaling',
      operation: 'SetInstanceHealth',
      parameters: { InstanceId: id, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: 'false' },
      region: options.region,
      accountId: options.accountId,
      requestId: id,
    });
  } catch (error) {
    options.log?.(`simulated instance ${id} could not report itself unhealthy: ${String(error)}`);
  }
}
