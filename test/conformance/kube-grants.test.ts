import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../controller/kube/index.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { type Grants, openKubeStore } from '../../controller/store/index.ts';
import { describeWithKube } from '../lab/kube/index.ts';
import { makePlaces, openClient, rightsOf } from './kube-store-setup.ts';

describeWithKube('grants on a real API server', (kube) => {
  const clients: KubeClient[] = [];
  const operators: Grants[] = [];
  beforeAll(async () => {
    const places = await makePlaces(kube());
    await kube().apply(rightsOf(places));
    for (let i = 0; i < 3; i++) {
      const client = await openClient(kube(), 'operator');
      clients.push(client);
      operators.push((await openKubeStore({ client, ...places, clock: systemClock })).grants);
    }
  });
  afterAll(() => Promise.all(clients.map((client) => client.close())));

  const at = new Date('2026-11-20T12:00:00.000Z');
  const groups = ['redundancyGroup reflectors', 'site=fra', 'role=Route Reflector/α'];
  const set = (operator: number) => ({ holder: `plan${operator}/0`, region: `site=${operator}`, epoch: 1 });
  const take = (operator: number, max = 1) =>
    operators[operator]!.take(
      set(operator),
      groups.map((group) => ({ group, max, devices: [`rr${operator}`], unavailable: [] })),
      at,
    );

  describe('that several operators want at the same time', () => {
    it('have one holder for the last place of every group, every time', async () => {
      for (let round = 0; round < 30; round++) {
        const answers = await Promise.all([0, 1, 2].map((operator) => take(operator)));
        expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
        const winner = set(answers.findIndex(({ taken }) => taken)).holder;
        const grants = await operators[0]!.list();
        expect(grants.map(({ group, holders }) => [group, ...holders.map(({ holder }) => holder)])).toEqual(
          groups.toSorted().map((group) => [group, winner]),
        );
        await Promise.all([0, 1, 2].map((operator) => operators[operator]!.give(set(operator))));
        expect(await operators[1]!.list()).toEqual([]);
      }
    });

    it('have as many holders as there are places', async () => {
      const answers = await Promise.all([0, 1, 2].map((operator) => take(operator, 2)));
      expect(answers.filter(({ taken }) => taken)).toHaveLength(2);
      const refused = answers.findIndex(({ taken }) => !taken);
      const [winner] = [0, 1, 2].filter((operator) => operator !== refused);
      await operators[winner!]!.give(set(winner!));
      expect(await take(refused, 2)).toEqual({ taken: true });
    });
  });
});
