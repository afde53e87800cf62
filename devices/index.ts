/** What the device folder offers to the others. */
export { type DeviceType, QUANTITY_NAME } from './contract.ts';
export { type DeviceTypes, loadDeviceTypes } from './registry.ts';
export type { Motion } from './simulators/motion.ts';
export { buildRoadGraph, type RoadGraph } from './simulators/road-graph.ts';
export { backToPatrol, createPatrol, sendTo, type Walker, walkerAt } from './simulators/route-walker.ts';
export { nextSendMs } from './simulators/schedule.ts';
export { createWorld, type World } from './simulators/world.ts';
