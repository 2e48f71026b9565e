import { assert, asyncProperty, constantFrom, nat } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialectFor, diffText, type JsonMap, parseDocument } from '../../../controller/config/index.ts';
import { countDifferences } from './count.ts';
import { editsOf } from './edits.ts';
import { type Example, isAsBefore, readExamples, whyNoExamples } from './examples.ts';
import { type Scratch, startScratch, whyNoScratch } from './scratch.ts';

const reason = whyNoScratch() ?? whyNoExamples();
const skipped = reason === undefined ? '' : ` (skipped: ${reason})`;

describe.skipIf(reason !== undefined).each([4, 6] as const)(
  `the configurations that come with Kea, on its kea-dhcp%i${skipped}`,
  { timeout: 300_000 },
  (family) => {
    const dialect = dialectFor(`kea-dhcp${family}`);
    let scratch: Scratch;
    let examples: Example[];
    beforeAll(async () => {
      scratch = await startScratch(family);
      examples = await readExamples(family);
    });
    afterAll(() => scratch?.stop());

    const diff = (live: JsonMap, file: JsonMap, version?: string): string => {
      const there = parseDocument(live, dialect, version === undefined ? {} : { version });
      return diffText(there, parseDocument(file, dialect, { version: there.version, like: there }), dialect);
    };

    it('show no difference to what the server prints', () => {
      const taken = examples.filter(({ printed }) => printed !== undefined);
      expect(taken.length).toBeGreaterThan(20);
      const wrong = taken.flatMap(({ name, file, printed }) => (diff(printed ?? {}, file) === '' ? [] : [name]));
      expect(wrong).toEqual([]);
    });

    it('show one difference after one edit of either side, whatever it is', async () => {
      await assert(
        asyncProperty(nat(), constantFrom('file', 'live'), nat(), async (which, side, place) => {
          const { name, file, printed } = examples[which % examples.length] as Example;
          const all = [...editsOf(side === 'live' && printed ? printed : file)];
          const { what, edited } = all[place % all.length] as (typeof all)[number];
          const [live, intended] = side === 'live' && printed ? [edited, file] : [printed ?? file, edited];
          const text = diff(live, intended, printed ? undefined : '2.2.0');
          const count = countDifferences(text);
          if (count === 0 && (await isAsBefore(edited, printed, scratch))) return;
          expect({ name, side, what, count, text }).toMatchObject({ name, side, what, count: 1 });
        }),
        // The same edits in each run: what breaks this is a change of the code, not chance. Others are looked at with another seed.
        { numRuns: 200, seed: 2026 },
      );
    });
  },
);
