/** What the device folder offers to the others. */
export { type DeviceType, MAX_QUANTITIES, MAX_READINGS, QUANTITY_NAME, type Sample } from './contract.ts';
export { isUnsafeInteger, MAX_JSON_DEPTH, parseJson } from './decoders/json.ts';
export { decodeStandardBody } from './decoders/standard-body.ts';
export { type DeviceTypes, loadDeviceTypes } from './registry.ts';
export type { Episode } from './simulators/episodes.ts';
export type { SimulationContext } from './simulators/instrument.ts';
export { HURRYING, type Motion, PATROLLING } from './simulators/motion.ts';
export { buildRoadGraph, type RoadGraph, type RoadLine, shortestRoute } from './simulators/road-graph.ts';
export { backToPatrol, createPatrol, sendTo, type Walker, walkerAt } from './simulators/route-walker.ts';
export { nextSendMs } from './simulators/schedule.ts';
export { createWorld, type World, type WorldOptions } from './simulators/world.ts';
