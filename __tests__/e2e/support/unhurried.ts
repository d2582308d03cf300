import type { Service, ServiceOptions } from './fleet.ts';

/**
 * New instances take fifteen seconds of this machine, and nobody gives them up: what is done meanwhile comes in time,
 * busy as the machine may be.
 */
export const unhurried = {
  service: { drain: 10, group: { HealthCheckGracePeriod: 36_000 } } satisfies ServiceOptions,
  before: (service: Service, version = 2): Promise<void> =>
    service.fault({ secondsToHealthy: 1500 }, version),
};
