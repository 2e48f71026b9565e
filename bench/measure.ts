/** One measurement in a process of its own, so that its peak memory is its own: prints milliseconds and MiB as JSON. */
import { readFileSync } from 'node:fs';
import { dialectFor, diffText, parse, planPatch } from '../controller/config/index.ts';

const [, , livePath = '', intendedPath = ''] = process.argv;
const dialect = dialectFor('frr');
const texts = [readFileSync(livePath, 'utf8'), readFileSync(intendedPath, 'utf8')] as const;

const start = performance.now();
const live = parse(texts[0], dialect);
const intended = parse(texts[1], dialect, { like: live });
const parsed = performance.now();
diffText(live, intended, dialect);
const compared = performance.now();
const peakMiB = process.resourceUsage().maxRSS / 1024;
const { commands, proof } = planPatch(live, intended, dialect, { scope: 'all' });
const planned = performance.now();

process.stdout.write(
  JSON.stringify({
    parseMs: parsed - start,
    diffMs: compared - parsed,
    planMs: planned - compared,
    peakMiB,
    peakPlanMiB: process.resourceUsage().maxRSS / 1024,
    commands: commands.length,
    proven: proof.forward && proof.rollback,
  }),
);
