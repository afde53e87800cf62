/** What the device folder offers to the others. */
export { type DeviceType, MAX_QUANTITIES, MAX_READINGS, QUANTITY_NAME, type Sample } from './contract.ts';
export { isUnsafeInteger, MAX_JSON_DEPTH, parseJson } from './decoders/json.ts';
export { decodeStandardBody } from './decoders/standard-body.ts';
export { type DeviceTypes, loadDeviceTypes } from './registry.ts';
