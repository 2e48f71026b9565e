import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Monitoring, upMonitoring, whyNoPrometheus } from '../../lab/prometheus.ts';
import { run, until } from '../../lab/shell.ts';

const missing = whyNoPrometheus();
if (missing !== undefined) process.stderr.write(`skipped, the example of an Alertmanager configuration: ${missing}\n`);

const example = 'alerts/alertmanager.example.yaml';

describe.skipIf(missing !== undefined)('the example of an Alertmanager configuration', () => {
  it('is accepted by amtool', async () => {
    expect(await run(['amtool', 'check-config', example])).toContain('SUCCESS');
  });

  it.each([
    { severity: 'page', receiver: 'on-call' },
    { severity: 'ticket', receiver: 'tickets' },
  ])('sends a $severity to $receiver', async ({ severity, receiver }) => {
    const said = await run(['amtool', 'config', 'routes', 'test', `--config.file=${example}`, 'alertname=Drift', `severity=${severity}`]);
    expect(said.trim()).toBe(receiver);
  });

  describe('in a running Alertmanager', () => {
    let monitoring: Monitoring;
    beforeAll(async () => {
      monitoring = await upMonitoring();
    });
    afterAll(async () => monitoring?.down());

    const told = () =>
      monitoring.notices.map(({ receiver, labels }) =>
        `${receiver}: ${labels['alertname']} ${labels['device'] ?? labels['site'] ?? ''}`.trim(),
      );
    /** Raises alerts of which some must be heard, and gives everything that was heard by then. */
    const raiseAll = async (...all: Readonly<Record<string, string>>[]) => {
      const before = monitoring.notices.length;
      for (const each of all) await monitoring.raise(each);
      // Later than all of them, and never muted: when it was told, the others were decided on.
      await monitoring.raise({ alertname: 'Last', severity: 'page', run: String(before) });
      await until('the last alert', () => monitoring.notices.slice(before).some(({ labels }) => labels['alertname'] === 'Last'));
      await until('every other alert to be decided on', async () => {
        const heard = new Set(monitoring.notices.map(({ labels }) => JSON.stringify(labels)));
        return (await monitoring.firing()).every(({ labels, mutedBy }) => mutedBy > 0 || heard.has(JSON.stringify(labels)));
      });
      return told()
        .slice(before)
        .filter((each) => !each.includes('Last'))
        .toSorted();
    };
    const ticket = { severity: 'ticket', namespace: 'net' };

    it('makes one message of a dark site, and still tells of a dark device elsewhere', async () => {
      const devices = ['edge1-fra', 'edge2-fra', 'core1-fra'].map((device) => ({
        alertname: 'DeviceUnknown',
        device,
        site: 'fra',
        ...ticket,
      }));
      const elsewhere = { alertname: 'DeviceUnknown', device: 'edge1-lon', site: 'lon', ...ticket };
      expect(await raiseAll({ alertname: 'SiteDark', site: 'fra', severity: 'page', namespace: 'net' }, ...devices, elsewhere)).toEqual([
        'on-call: SiteDark fra',
        'tickets: DeviceUnknown edge1-lon',
      ]);
    });

    it('makes one message of our own blindness, per namespace', async () => {
      const sites = ['ams', 'par', 'mil'].map((site) => ({ alertname: 'SiteDark', site, severity: 'page', namespace: 'blind' }));
      expect(await raiseAll({ alertname: 'FleetDark', severity: 'page', namespace: 'blind' }, ...sites)).toEqual(['on-call: FleetDark']);
    });

    it('makes one message of an operator that is down', async () => {
      const late = { alertname: 'StaleReads', severity: 'ticket', namespace: 'down' };
      expect(await raiseAll({ alertname: 'OperatorDown', severity: 'ticket' }, { ...late, alertname: 'NoLeader' }, late)).toEqual([
        'tickets: OperatorDown',
      ]);
    });
  });
});
