/** Instances, targets and time that are simulated, for a fleet that needs no Docker. */
export { createSimulatedFleet, type SimulatedFleet, type SimulatedFleetOptions } from './simulated-fleet.ts';
export { type FleetFault, parseFleetFault } from './faults.ts';
export { type Answers, type Route, Traffic, type TrafficWorld } from './traffic.ts';
export { parseTraffic, type TrafficSettings } from './traffic-settings.ts';
export { type SimulationSettings, defaultSimulation, type Usage } from './simulation.ts';
