/**
 * import: configurations of devices, and inventories (`netbox.ts`), as desired state. Reads text into fields of the kinds (one folder per platform), keeps the rest raw, and holds
 * the result to the original: what does not come back exactly is let go and kept raw, line by line if need be. Writes nothing.
 */
export type { Account } from './account.ts';
export type { DeviceWords } from './compose.ts';
export { errors } from './errors.ts';
export { type Imported, importDevices, type ImportRequest } from './import-devices.ts';
export { type ImportedFromNetBox, importNetBox } from './netbox.ts';
export { isKea } from './kea/index.ts';
export { slug } from './names.ts';
export type { OriginalText } from './original.ts';
