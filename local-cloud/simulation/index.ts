/** Instances, targets and time that are simulated, for a fleet that needs no Docker. */
export { createSimulatedFleet, type SimulatedFleet, type SimulatedFleetOptions } from './simulated-fleet.ts';
export { type FleetFault, parseFleetFault } from './faults.ts';
export { type SimulationSettings, defaultSimulation, type Usage } from './simulation.ts';
