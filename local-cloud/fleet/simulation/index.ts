/** What others use of the simulation. */
export { createSimulatedFleet, type SimulatedFleet, type SimulatedFleetOptions } from './simulated-fleet.ts';
export { type FleetFault, parseFleetFault } from './faults.ts';
export { type SimulationSettings, defaultSimulation } from './simulation.ts';
