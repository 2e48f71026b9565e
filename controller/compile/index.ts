/**
 * compile: desired objects to one DeviceIntent per device: addresses and AS numbers looked up, both ends of a session, the sets and policies
 * that the device uses, numbered and sorted. Pure; knows BGP, not how a platform writes it (that is in `templates/`).
 */
export { type CompiledDevice, compileAll, compileDevice, digestIntent } from './compile-device.ts';
export { errors } from './errors.ts';
export { type FedDevice, feedDevice, type Feeding, isFeeding } from './feed-device.ts';
export { areInputsSame, type Inputs } from './inputs.ts';
