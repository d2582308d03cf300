/** The emulator that answers for every service that has no room here, and what others ask of it. */
export { createMotoClients, type MotoClients } from './clients.ts';
export { createAlarmBook, createAlarms, createNetwork, createTemplates } from './lookups.ts';
export { type Moto, startMoto } from './process.ts';
