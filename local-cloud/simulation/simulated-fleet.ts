/** A fleet of simulated instances on a simulated clock, ready to use. */
import {
  type Alarms,
  createFleet,
  type Fleet,
  type HealthCheckSettings,
  type InstanceDriver,
  type Network,
  type Templates,
} from '../fleet/index.ts';
import { SimulatedClock } from './clock.ts';
import { parseFleetFault } from './faults.ts';
import { keepPace, type Pace } from './pace.ts';
import { Simulation, type SimulationSettings, type Usage } from './simulation.ts';

/** As FleetOptions, with the simulated parts left out. */
export interface SimulatedFleetOptions {
  /**
   * Simulated seconds in one real second; 0: time moves only by `advance`. As much as the machine can do: the clock
   * waits for the fleet, never the other way round.
   */
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
  /** How load balancers use a target group; undefined: not at all. Without it every one is used. */
  usage?: (targetGroupArn: string) => Usage | undefined;
  log?: (line: string) => void;
  newId?: (kind: 'instance' | 'uuid') => string;
  lookupMs?: number;
  /** Called after every look of the fleet, and waited for. */
  afterLook?: () => Promise<void>;
  /** Puts something between the fleet and the simulated driver, for instance what remembers launches. */
  wrapDriver?: (driver: InstanceDriver) => InstanceDriver;
}

/** A fleet together with the world that is simulated for it. */
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

/** A fleet over simulated instances and targets. Time stands still until it is started or advanced. */
export function createSimulatedFleet(options: SimulatedFleetOptions): SimulatedFleet {
  const clock = new SimulatedClock({ speed: options.speed, start: options.start ?? Date.now() });
  const { settings, healthCheck, port, usage } = options;
  const simulation = new Simulation({
    clock,
    ...(settings && { settings }),
    ...(healthCheck && { healthCheck }),
    ...(port && { port }),
    ...(usage && { usage }),
  });
  const { targetGroups } = simulation;
  const driver = options.wrapDriver?.(simulation.driver) ?? simulation.driver;
  const fleet = createFleet({ ...options, clock, driver, targetGroups });
  let pace: Pace | undefined;
  const reportBootFailures = async (): Promise<void> => {
    for (const id of simulation.takeBootFailures()) await reportUnhealthy(fleet, options, id);
  };
  const look = async (): Promise<void> => {
    await reportBootFailures();
    await fleet.step();
    // Launches that were asked for are accepted or refused before time goes on.
    await fleet.settled();
    await options.afterLook?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    fleet,
    clock,
    simulation,
    async advance(seconds, stepSeconds = 1) {
      for (let left = seconds; left > 0; left -= stepSeconds) {
        clock.advance(Math.min(left, stepSeconds) * 1000);
        await look();
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
      if (pace !== undefined) return;
      fleet.start(intervalMs);
      pace = keepPace(clock, intervalMs, { look, log: (line) => options.log?.(line) });
    },
    async close() {
      await pace?.stop();
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
