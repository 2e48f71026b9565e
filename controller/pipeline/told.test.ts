import { describe, expect, it } from 'vitest';
import { adoptTexts, compareTexts, type Scene } from '../../test/builders/compared.ts';
import { stateOf } from '../../test/builders/state.ts';
import type { Surveyed } from './survey.ts';
import { tellDevices } from './told.ts';

const yaml = (renderInterfaces: boolean) => `
kind: DeviceProfile
name: router
spec: {platform: frr, renderInterfaces: ${renderInterfaces}}
---
kind: Device
name: r1
spec:
  platform: frr
  profile: router
  management: {address: 192.0.2.1, hostKeys: ['SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk']}
  credentials: {observe: {name: routers}}
`;
const port = (description: string) => `interface eth0\n description ${description}\n ip address 192.0.2.1/31\nexit\n`;
const told = (description: string) => ({ interfaces: { eth0: { description, enabled: true, addresses: ['192.0.2.1/31'] } } });

function surveyed(scene: Scene): Surveyed {
  const compared = compareTexts(scene);
  return { device: { name: 'r1' }, observed: { state: 'Unknown' }, baseline: scene.baseline, compared } as unknown as Surveyed; // only what is looked at
}

describe('what devices say of themselves', () => {
  it('is what they hold now, beside what they held when they were adopted', () => {
    const baseline = adoptTexts({ git: port('old'), device: port('old') });
    const facts = tellDevices(stateOf(yaml(true)), [surveyed({ git: port('old'), device: port('new'), baseline })]);
    expect(facts.get('r1')).toEqual({ live: told('new'), baseline: told('old') });
  });

  it('has no past before an adoption', () => {
    const facts = tellDevices(stateOf(yaml(true)), [surveyed({ git: port('old'), device: port('new') })]);
    expect(facts.get('r1')).toEqual({ live: told('new') });
  });

  it('is nothing of interfaces where the operating system has them', () => {
    const facts = tellDevices(stateOf(yaml(false)), [surveyed({ git: '', device: `${port('new')}router bgp 64500\nexit\n` })]);
    expect(facts.get('r1')).toEqual({ live: { asn: 64500, sessions: [] } });
  });

  it('is not read of a device that nobody looked at, and would be of interfaces where we render them', () => {
    expect(tellDevices(stateOf(yaml(true)), []).get('r1')).toEqual({ live: { interfaces: {}, sessions: [] }, unread: true });
    expect(tellDevices(stateOf(yaml(false)), []).get('r1')).toEqual({ live: { sessions: [] }, unread: true });
  });
});
