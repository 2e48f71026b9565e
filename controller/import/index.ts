/**
 * import: configurations of devices, and inventories (`netbox.ts`), as desired state. Reads text into fields of the kinds (one folder per platform), keeps the rest raw, and holds
 * the result to the original: what does not come back exactly is let go and kept raw, line by line if need be. `capture/` writes what was changed on
 * devices into the files of Git, with `patch/`, which keeps every comment and untouched line. Writes nothing to disk.
 */
export type { Account } from './account.ts';
export { type Captured, captureDrift } from './capture/capture.ts';
export { captureRecord } from './capture/capture-record.ts';
export type { DeviceWords } from './compose/device.ts';
export { errors } from './errors.ts';
export { type Imported, importDevices, type ImportRequest } from './import-devices.ts';
export { type ImportedFromNetBox, importNetBox } from './netbox.ts';
export { neededToImport } from './netbox-devices.ts';
export { isKea } from './kea/index.ts';
export { slug } from './names.ts';
export type { OriginalText } from './original.ts';
