import { defineErrors } from '../lib/index.ts';

/** What goes wrong with the command line itself: files it names, options that do not go together, faults of our own. */
export const errors = defineErrors({
  FileUnusable: {
    message: (f: { path: string; doing: 'read' | 'written'; why: string }) => `${f.path}: cannot be ${f.doing}: ${f.why}`,
    next: 'Name a file that you may use, with its path from where you are.',
  },
  PlanUnreadable: {
    message: (f: { why: string }) => `is not a plan: ${f.why}`,
    next: 'Write it with plumb plan --out FILE, or with plumb plan -o json; do not edit it.',
  },
  OptionsConflict: {
    message: (f: { option: string; with: string }) => `${f.option} means nothing together with ${f.with}`,
    next: 'Leave one of the two out.',
  },
  Unexpected: {
    message: (f: { what: string }) => `this is a fault of Plumbline, not of your files: ${f.what}`,
    next: 'Nothing more is done. Run it again with PLUMB_DEBUG=1 to see where it happened, and send us what it prints.',
  },
});
