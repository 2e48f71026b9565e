import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetBoxFacts } from '../../controller/api/index.ts';
import { writeFiles } from '../../controller/cli/write-files.ts';
import { loadSource, openFolder } from '../../controller/desired/index.ts';
import { importNetBox } from '../../controller/import/index.ts';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { compareWithNetBox, openNetBox, planRecord } from '../../controller/netbox/index.ts';
import { fillWorld, type WorldPlace } from './world.ts';

/** A first desired state made of a NetBox that holds everything NetBox can hold, site after site. Its database is empty. */
export function describeWorld(title: string, start: () => WorldPlace): void {
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe(title, () => {
    let facts: NetBoxFacts;
    let folder: string;
    const left = new Map<string, readonly string[]>();

    beforeAll(async () => {
      const place = start();
      await fillWorld(place);
      const netbox = await openNetBox({ url: place.url, token: new Secret(place.token), clock: systemClock });
      facts = await netbox.readFacts();
      await netbox.close();
      folder = mkdtempSync(join(tmpdir(), 'plumb-world-'));
    }, 300_000);
    afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));

    it('becomes devices site by site, and every other device is left out by name', async () => {
      const all: string[] = [];
      for (const { key } of facts.objects['site'] ?? []) {
        const imported = await importNetBox(
          facts,
          { sites: [key], platform: 'frr', credentials: 'routers-observe' },
          await openFolder(folder),
        );
        writeFiles(imported.files, folder);
        all.push(...imported.devices);
        left.set(
          key,
          imported.left.map(({ what, why }) => `${what}: ${why}`),
        );
      }
      expect(all.toSorted()).toEqual(['blade-1', 'no-platform', 'r1-south', 'r2-north']);
      expect(left.get('west')).toEqual([]);
      const said = [...left.values()].flat();
      for (const name of ['r1.north', 'twin', 'großer router', 'sw1-south', 'pp:b1/17', 'south > device '])
        expect(said).toContainEqual(expect.stringContaining(name));
    }, 120_000);

    it('passes every check, and NetBox says nothing else', async () => {
      const state = await loadSource(await openFolder(folder), systemClock);
      expect(state.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      const compared = compareWithNetBox({ state, facts, told: new Map() });
      expect(compared.differences).toEqual([]);
      expect(planRecord(compared, facts, { remove: true, allowRemovals: true })).toEqual({ changes: [], left: [] });
    }, 120_000);
  });
}
