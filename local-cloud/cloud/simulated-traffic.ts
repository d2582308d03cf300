/** Users' requests to simulated instances, as `/_local/traffic` asks for them. */
import type { TrafficControl } from '../gateway/index.ts';
import { parseTraffic, Traffic, type TrafficWorld } from '../simulation/index.ts';

/** One traffic at a time: the one before it ends when another is asked for. */
export class TrafficOfTests implements TrafficControl {
  readonly #world: TrafficWorld;
  readonly #options: { now: () => number; metricMinute: number };
  #traffic: Traffic | undefined;

  /**
   * @param options.now          milliseconds since the epoch, of the clock that the instances live by
   * @param options.metricMinute seconds that a minute of CloudWatch lasts
   */
  constructor(world: TrafficWorld, options: { now: () => number; metricMinute: number }) {
    this.#world = world;
    this.#options = options;
  }

  /** To be called before metrics are looked at: what is answered by then is published. */
  step(): void {
    this.#traffic?.step(this.#options.now());
  }

  /** @throws Error that says what is wrong with the request */
  start(value: unknown): unknown {
    const settings = parseTraffic(value);
    const { now, metricMinute } = this.#options;
    this.#traffic?.stop();
    this.#traffic = new Traffic(settings, this.#world, {
      ...{ now: now(), slotSeconds: metricMinute % 10 === 0 ? 10 : 1 },
    });
    return this.report();
  }

  stop(): unknown {
    this.#required().stop();
    return this.report();
  }

  report(): unknown {
    return this.#required().report();
  }

  #required(): Traffic {
    if (this.#traffic !== undefined) return this.#traffic;
    throw new Error('there is no traffic; POST /_local/traffic makes some');
  }
}
