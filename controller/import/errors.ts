import { defineErrors } from '../lib/index.ts';

/** What stops an import. Nothing is written then. */
export const errors = defineErrors({
  /** The files that were made do not give the configuration back. */
  ImportNotExact: {
    message: (f: { device: string; what: string }) =>
      `${f.device}: what was made of its configuration does not give it back, first at ${f.what}`,
    next: 'Nothing was written. This is a fault of Plumbline: report it with the lines around that one.',
  },
  /** Git has the device, and says something else about it than its configuration. */
  DeviceExists: {
    message: (f: { device: string; from: string; what: string }) =>
      `${f.device}: Git has this device already, and ${f.from} differs from it, first at ${f.what}`,
    next: 'What people wrote is not written over. Look with `plumb drift`; to import anew, remove the files of the device first, or give --name.',
  },
  /** Two of the configurations would be one device. */
  DeviceTwice: {
    message: (f: { device: string; first: string; second: string }) => `${f.first} and ${f.second} are both called ${f.device}`,
    next: 'Import one of them alone, with --name.',
  },
  /** A file that was to be written holds something else. */
  FileInTheWay: {
    message: (f: { path: string }) => `${f.path} is there already, with something else in it`,
    next: 'Nothing was written. Move it, or import into an empty folder with --source.',
  },
  SiteUnknown: {
    message: (f: { site: string; nearest?: string }) => `NetBox has no site with the slug ${f.site}`,
    next: (f: { site: string; nearest?: string }) =>
      f.nearest === undefined ? 'Look the slug up in NetBox: it is part of the address of the site.' : `Did you mean ${f.nearest}?`,
  },
  /** The desired state has errors, so that nobody could say whether the import fits. */
  StateNotUsable: {
    message: (f: { count: number }) => `the desired state that is to be added to has ${f.count} ${f.count === 1 ? 'error' : 'errors'}`,
    next: 'Mend them first: `plumb check` shows them. Or import into an empty folder with --source.',
  },
});
