import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FleetSpec } from '../../controller/api/index.ts';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { type Kind, type NetBox, openNetBox } from '../../controller/netbox/index.ts';
import { openOperatorDesk, type OperatorDesk } from '../operator/desk.ts';

interface Place {
  url: string;
  token: string;
}

const file = 'sites/site0000/r00000.yaml';

/** An operator with a simulated router beside a real NetBox. Its objects have names of their own; nothing else of NetBox is looked at. */
export function describeOperator(title: string, start: () => Place): void {
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe(title, () => {
    let desk: OperatorDesk;
    let netbox: NetBox;
    let device: number;
    const run = Math.floor(performance.timeOrigin % 1e9).toString(36);

    const make = async (kind: Kind, body: Record<string, unknown>): Promise<number> => {
      const [written] = await netbox.write(kind, [{ what: kind, message: 'set up', body }]);
      if (!written || written.error) throw written?.error ?? new Error('nothing was written');
      return written.row?.['id'] as number;
    };
    const change = async (body: Record<string, unknown>, message: string): Promise<void> => {
      const [written] = await netbox.write('device', [{ what: 'device', message, id: device, body }]);
      if (written?.error) throw written.error;
    };
    const records = async () => (await desk.drift('r00000'))?.status?.records ?? [];
    const serial = async () => (await records()).find(({ field }) => field === 'serial');
    const changes = async (id: number) => {
      const answer = await fetch(`${start().url}/api/core/object-changes/?changed_object_type=dcim.device&changed_object_id=${id}`, {
        headers: { authorization: `Bearer ${start().token}` },
      });
      return ((await answer.json()) as { count: number }).count;
    };

    beforeAll(async () => {
      const { url, token } = start();
      netbox = await openNetBox({ url, token: new Secret(token), clock: systemClock });
      const maker = await make('manufacturer', { name: `o${run}`, slug: `o${run}` });
      const type = await make('deviceType', { manufacturer: maker, model: `o${run}`, slug: `o${run}` });
      const site = await make('site', { name: `o${run}`, slug: `o${run}` });
      const role = await make('deviceRole', { name: `o${run}`, slug: `o${run}`, color: '9e9e9e' });
      device = await make('device', { name: 'r00000', site, role, device_type: type, serial: `SN-${run}` });
      desk = await openOperatorDesk({ devices: 1, patience: 120 });
      desk.giveSecret('netbox', 'netbox for lab', { token });
      desk.commit({ [file]: desk.edited(file, '"platform": "frr"', `"serial": "SN-${run}", "platform": "frr"`) });
      await desk.allJudged();
      const words = { url, secretRef: { name: 'netbox' }, intervalSeconds: 5 };
      await desk.setFleet((spec) => void (spec.netbox = FleetSpec.shape.netbox.parse(words)));
      await desk.until('the device to be compared', async () => (await desk.device('r00000'))?.status?.record !== undefined);
    }, 300_000);
    afterAll(async () => {
      await desk?.stop();
      await netbox?.close();
    });

    it('an edit in NetBox is reported within an interval, with who made it, and nothing is written', async () => {
      await change({ serial: `SN-${run}-b` }, 'a new box');
      await desk.until('the edit', async () => (await serial())?.who !== undefined);
      expect(await serial()).toMatchObject({
        record: 'Behind',
        desired: `SN-${run}`,
        recorded: `SN-${run}-b`,
        command: 'plumb netbox record r00000',
        who: { message: 'a new box' },
      });
      expect((await desk.plumb('why', 'r00000')).stdout).toContain('a new box');
      const before = await changes(device);
      const reads = async () => (await desk.metric('plumbline_netbox_reads_total', { result: 'ok' })) ?? 0;
      const seen = await reads();
      await desk.until('two more snapshots', async () => (await reads()) >= seen + 2);
      expect(await changes(device)).toBe(before);
    }, 300_000);

    it('a token that it does not know leaves what was said, and the Fleet says so', async () => {
      const before = await desk.drift('r00000');
      const condition = async () => (await desk.fleet())?.status?.conditions.find(({ type }) => type === 'NetBoxRead');
      desk.giveSecret('netbox', 'netbox for lab', { token: `nbt_${'x'.repeat(12)}.${'0'.repeat(40)}` });
      await desk.until('the refusal', async () => (await condition())?.reason === 'NetBoxAuthFailed');
      expect(await desk.drift('r00000')).toEqual(before);
      desk.giveSecret('netbox', 'netbox for lab', { token: start().token });
      // It would be asked again after an interval; somebody hints.
      desk.operator.hintNetBox(undefined);
      await desk.until('it to be read again', async () => (await condition()) === undefined);
      expect(await desk.drift('r00000')).toEqual(before);
    }, 300_000);

    it('is written where the Fleet says so, once: the second look writes nothing', async () => {
      await change({ serial: `SN-${run}-c` }, 'another box');
      await desk.until('the edit', async () => (await serial())?.recorded === `SN-${run}-c`);
      await desk.setFleet((spec) => void (spec.netbox && (spec.netbox.record = 'Enforce')));
      await desk.until('the serial number to be right', async () => (await serial()) === undefined);
      const events = (await desk.store.history.list('r00000')).map(({ event }) => event).filter((event) => event.startsWith('Record'));
      expect(events.slice(0, 2)).toEqual(['RecordPlanned', 'RecordWritten']);
      const reads = async () => (await desk.metric('plumbline_netbox_reads_total', { result: 'ok' })) ?? 0;
      const [before, seen] = [await changes(device), await reads()];
      await desk.until('two more snapshots', async () => (await reads()) >= seen + 2);
      expect(await changes(device)).toBe(before);
    }, 300_000);
  });
}
