/**
 * netbox: what NetBox records. A client of our own (nobody publishes one): transport, pages, bulk writes; descriptors of the lists as data
 * (`resources.ts`); a snapshot that is whole or an error, and that a later look brings up to date from the change log; `compare/` puts it
 * beside Git and the devices, `record/` writes what is behind. Knows NetBox's API and its habits, no device and no terminal.
 */
export { type BulkOptions, type Write, type Written } from './bulk.ts';
export { createMemory, type Memory } from './changes.ts';
export { type NetBox, openNetBox } from './client.ts';
export { subnetsBeside } from './compare/assertions.ts';
export { compareWithNetBox } from './compare/report.ts';
export { errors } from './errors.ts';
export { carryOut, type RecordOutcome } from './record/carry-out.ts';
export { recordedDevice } from './recorded-device.ts';
export { planRecord } from './record/plan.ts';
export { type Resource, type ValuesOf } from './resource.ts';
export { type Kind, resources } from './resources.ts';
