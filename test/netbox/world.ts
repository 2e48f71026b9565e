/**
 * A NetBox as companies have it: what Plumbline compares stands among racks, cables, power, circuits, wireless, modules, stacks and virtual machines, and much
 * of it is odd. Sites: `north` with what is well known, `south` with what is odd, `east` with patch panels alone, `west` with nothing.
 */
export interface WorldPlace {
  url: string;
  token: string;
}

type Body = Record<string, unknown>;

/** Makes it in an empty NetBox. */
export async function fillWorld({ url, token }: WorldPlace): Promise<void> {
  const send = async (method: string, path: string, body: Body): Promise<number> => {
    const answer = await fetch(`${url}/api/${path}/`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
    return ((await answer.json()) as { id: number }).id;
  };
  const post = (path: string, body: Body) => send('POST', path, body);
  const named = (path: string, name: string, more: Body = {}) =>
    post(path, {
      name,
      slug:
        name
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, '-')
          .replaceAll(/^-|-$/g, '') || 'x',
      ...more,
    });
  const find = async (path: string): Promise<number> => {
    const answer = await fetch(`${url}/api/${path}`, { headers: { authorization: `Bearer ${token}` } });
    return ((await answer.json()) as { results: { id: number }[] }).results[0]?.id ?? 0;
  };

  const region = await named('dcim/regions', 'Europe');
  const group = await named('dcim/site-groups', 'Branches');
  const tenant = await named('tenancy/tenants', 'Tenant One', { group: await named('tenancy/tenant-groups', 'Tenants') });
  const tag = await named('extras/tags', 'Ünïcode tag');
  const north = await named('dcim/sites', 'North', { region, tenant, latitude: 50.1, tags: [tag] });
  const south = await named('dcim/sites', 'South', { region, group, description: 'Süd · 南' });
  const east = await named('dcim/sites', 'East', { status: 'planned' });
  await named('dcim/sites', 'West', { status: 'retired' });
  const hall = await named('dcim/locations', 'Hall', { site: north });
  const row = await named('dcim/locations', 'Row 1', { site: north, parent: hall });
  const racks = {
    one: await post('dcim/racks', { name: 'R1', site: north, location: hall }),
    two: await post('dcim/racks', { name: 'R1', site: north, location: row, u_height: 48 }),
    south: await post('dcim/racks', { name: 'Comms closet №1', site: south }),
  };

  const makers = { a: await named('dcim/manufacturers', 'Maker A'), b: await named('dcim/manufacturers', 'Maker B') };
  const frr = await named('dcim/platforms', 'FRR', { slug: 'frr', manufacturer: makers.a });
  const other = await named('dcim/platforms', 'Other OS');
  const edge = await named('dcim/device-roles', 'Edge', {
    color: '9e9e9e',
    parent: await named('dcim/device-roles', 'Routers', { color: '9e9e9e' }),
  });
  const access = await named('dcim/device-roles', 'Access', { color: '9e9e9e', vm_role: true });
  const box = await post('dcim/device-types', { manufacturer: makers.a, model: 'Box', slug: 'box', u_height: 1, subdevice_role: 'parent' });
  for (const name of ['eth0', 'eth1', 'eth2', 'eth3'])
    await post('dcim/interface-templates', { device_type: box, name, type: '1000base-t' });
  await post('dcim/module-bay-templates', { device_type: box, name: 'Slot 1', position: '1' });
  await post('dcim/power-port-templates', { device_type: box, name: 'PSU 1' });
  await post('dcim/console-port-templates', { device_type: box, name: 'con0' });
  await post('dcim/device-bay-templates', { device_type: box, name: 'Bay 1' });
  const blade = await post('dcim/device-types', {
    manufacturer: makers.a,
    model: 'Blade',
    slug: 'blade',
    u_height: 0,
    subdevice_role: 'child',
  });
  const panel = await post('dcim/device-types', { manufacturer: makers.b, model: 'Panel', slug: 'panel' });
  const card = await post('dcim/module-types', { manufacturer: makers.a, model: 'Card' });
  await post('dcim/interface-templates', { module_type: card, name: 'eth{module}/0', type: '10gbase-x-sfpp' });

  const device = (name: string | null, more: Body = {}) =>
    post('dcim/devices', { name, site: north, role: edge, device_type: box, platform: frr, status: 'active', ...more });
  const r1 = await device('R1.north', {
    rack: racks.one,
    location: hall,
    position: 10,
    face: 'front',
    tenant,
    serial: 'SN 1',
    asset_tag: 'A-1',
  });
  const r2 = await device('r2-north', { rack: racks.two, location: row, position: 1, face: 'rear', serial: 'SN 1' });
  const s1 = await device('r1-south', { site: south, rack: racks.south, position: 3.5, face: 'front', comments: '**Markdown**' });
  await device('twin', { site: south });
  await device('TWIN', { site: north, tenant });
  await device('twin', { site: north });
  await device(null, { site: south });
  await device(null, { site: south, platform: null });
  await device('Großer Router', { site: south });
  await device('sw1-south', { site: south, platform: other, role: access });
  await device('no-platform', { site: south, platform: null });
  const child = await device('blade-1', { device_type: blade, rack: racks.one, location: hall });
  await send('PATCH', `dcim/device-bays/${await find(`dcim/device-bays/?device_id=${r1}`)}`, { installed_device: child });
  const p1 = await device('PP:B1/17', { site: east, device_type: panel, platform: null, role: access });
  const stack = await post('dcim/virtual-chassis', { name: 'stack' });
  for (const [position, id] of [r2, s1].entries())
    if (position === 0) await send('PATCH', `dcim/devices/${id}`, { virtual_chassis: stack, vc_position: 1 });
  await send('PATCH', `dcim/virtual-chassis/${stack}`, { master: r2 });
  await post('dcim/virtual-device-contexts', { name: 'vdc', device: r1, identifier: 1, status: 'active' });
  await post('dcim/inventory-items', { device: r1, name: 'fan', manufacturer: makers.a });
  const bay = await find(`dcim/module-bays/?device_id=${r2}`);
  await post('dcim/modules', { device: r2, module_bay: bay, module_type: card, status: 'active' });

  const port = (on: number, name: string) => find(`dcim/interfaces/?device_id=${on}&name=${encodeURIComponent(name)}`);
  const [a0, a1, a2, b0, b1, card0, c0, c1, c2] = [
    await port(r1, 'eth0'),
    await port(r1, 'eth1'),
    await port(r1, 'eth2'),
    await port(r2, 'eth0'),
    await port(r2, 'eth1'),
    await port(r2, 'eth1/0'),
    await port(s1, 'eth0'),
    await port(s1, 'eth1'),
    await port(s1, 'eth2'),
  ] as const;
  const vlanGroup = await named('ipam/vlan-groups', 'Of a region', { scope_type: 'dcim.region', scope_id: region });
  await named('ipam/vlan-groups', 'Of a rack', { scope_type: 'dcim.rack', scope_id: racks.one, vid_ranges: [[1, 99]] });
  await named('ipam/vlan-groups', 'Of a site', { scope_type: 'dcim.site', scope_id: north });
  const vlans = [
    await post('ipam/vlans', { vid: 10, name: 'office', site: north }),
    await post('ipam/vlans', { vid: 10, name: 'büro', group: vlanGroup }),
    await post('ipam/vlans', { vid: 20, name: 'nobody’s' }),
  ];
  const vrf = await post('ipam/vrfs', { name: 'CUST', rd: '65000:1', tenant });
  await post('ipam/vrfs', { name: 'CUST', rd: '65000:2' });
  const long = await post('ipam/vrfs', { name: 'Customer of the week', enforce_unique: false });

  const lag = await post('dcim/interfaces', { device: s1, name: 'bond0', type: 'lag', mac_address: null });
  await send('PATCH', `dcim/interfaces/${c1}`, { lag });
  await send('PATCH', `dcim/interfaces/${c2}`, { lag, enabled: false, mark_connected: false });
  const sub = await post('dcim/interfaces', {
    device: s1,
    name: 'bond0.10',
    type: 'virtual',
    parent: lag,
    description: 'naïve → “quoted”: #1',
  });
  await send('PATCH', `dcim/interfaces/${b1}`, { mode: 'tagged', untagged_vlan: vlans[0], tagged_vlans: [vlans[2]], description: 'trunk' });
  const lo = await post('dcim/interfaces', { device: r2, name: 'lo', type: 'virtual', description: 'router id' });
  const lo2 = await post('dcim/interfaces', { device: s1, name: 'lo', type: 'virtual' });
  const mgmt = await post('dcim/interfaces', { device: r2, name: 'mgmt0', type: '1000base-t', mgmt_only: true });
  await post('dcim/interfaces', { device: s1, name: 'the blue one', type: 'other', description: 'named by hand' });
  await post('dcim/interfaces', { device: s1, name: 'wlan0', type: 'ieee802.11ax', rf_role: 'ap', mtu: 65536 });
  await post('dcim/mac-addresses', { mac_address: '02:00:00:00:00:01', assigned_object_type: 'dcim.interface', assigned_object_id: b0 });

  const address = (text: string, on: number | null, more: Body = {}) =>
    post('ipam/ip-addresses', {
      address: text,
      ...(on !== null && { assigned_object_type: 'dcim.interface', assigned_object_id: on }),
      ...more,
    });
  await address('10.0.0.1/31', a0);
  await address('10.0.0.0/31', b0, { dns_name: 'R2.Example.NET' });
  await address('2001:db8::1/64', b0);
  await address('fe80::1/64', b0);
  const own = await address('10.255.0.2/32', lo, { role: 'loopback' });
  const oob = await address('192.168.1.2/24', mgmt);
  await send('PATCH', `dcim/devices/${r2}`, { primary_ip4: own, oob_ip: oob });
  await address('10.255.0.100/32', lo, { role: 'anycast' });
  await address('10.255.0.100/32', lo2, { role: 'anycast' });
  await address('10.1.0.1/24', b1, { vrf });
  await address('10.1.0.1/24', sub, { vrf: long });
  await address('10.2.0.1/24', card0, { status: 'reserved', description: 'later' });
  await address('10.3.0.9/32', a1);
  await address('10.4.0.1/24', c0, { role: 'secondary' });
  await address('10.5.0.1/24', c0, { role: 'vrrp', nat_inside: own });
  await address('10.6.0.9/24', null, { tenant });
  await address('10.7.0.1/24', a2, { vrf: long });
  await address('10.7.0.1/24', a2, { vrf: long, role: 'vip' });
  const fhrp = await post('ipam/fhrp-groups', { protocol: 'vrrp3', group_id: 5 });
  await post('ipam/ip-addresses', {
    address: '10.8.0.1/24',
    role: 'vrrp',
    assigned_object_type: 'ipam.fhrpgroup',
    assigned_object_id: fhrp,
  });
  await post('ipam/fhrp-group-assignments', { group: fhrp, interface_type: 'dcim.interface', interface_id: c0, priority: 100 });

  const rir = await named('ipam/rirs', 'RFC', { is_private: true });
  await post('ipam/aggregates', { prefix: '10.0.0.0/8', rir });
  await post('ipam/asns', { asn: 64500, rir });
  await send('PATCH', `dcim/sites/${north}`, { asns: [await post('ipam/asns', { asn: 4_200_000_000, rir, tenant })] });
  await post('ipam/asn-ranges', { name: 'all', slug: 'all', rir, start: 64500, end: 64511 });
  await post('ipam/prefixes', { prefix: '10.1.0.0/24', vrf, scope_type: 'dcim.region', scope_id: region, vlan: vlans[0] });
  await post('ipam/prefixes', { prefix: '10.1.0.0/24', scope_type: 'dcim.location', scope_id: hall, is_pool: true });
  await post('ipam/prefixes', { prefix: '2001:db8::/32', status: 'container', role: await named('ipam/roles', 'Users') });
  await post('ipam/ip-ranges', { start_address: '10.6.0.10/24', end_address: '10.6.0.99/24', mark_populated: true });
  await post('ipam/services', { parent_object_type: 'dcim.device', parent_object_id: r1, name: 'ssh', protocol: 'tcp', ports: [22] }).catch(
    () => 0,
  );

  const rear = await post('dcim/rear-ports', { device: p1, name: 'rear', type: '8p8c', positions: 1 });
  await post('dcim/front-ports', {
    device: p1,
    name: 'front',
    type: '8p8c',
    positions: 1,
    rear_ports: [{ position: 1, rear_port: rear, rear_port_position: 1 }],
  }).catch(() => 0);
  const end = (type: string, id: number) => [{ object_type: type, object_id: id }];
  await post('dcim/cables', {
    a_terminations: end('dcim.interface', a0),
    b_terminations: end('dcim.interface', b0),
    type: 'cat6',
    status: 'connected',
  });
  await post('dcim/cables', { a_terminations: end('dcim.interface', c0), b_terminations: end('dcim.rearport', rear), color: 'ff0000' });
  const power = await post('dcim/power-panels', { site: north, name: 'Panel', location: hall });
  const feed = await post('dcim/power-feeds', { power_panel: power, name: 'Feed', rack: racks.one });
  await post('dcim/cables', {
    a_terminations: end('dcim.powerport', await find(`dcim/power-ports/?device_id=${r1}`)),
    b_terminations: end('dcim.powerfeed', feed),
  });
  const provider = await named('circuits/providers', 'Carrier');
  const circuit = await post('circuits/circuits', {
    cid: 'C-1',
    provider,
    type: await named('circuits/circuit-types', 'Fibre'),
    status: 'active',
  });
  const ended = await post('circuits/circuit-terminations', {
    circuit,
    term_side: 'A',
    termination_type: 'dcim.site',
    termination_id: north,
  });
  await post('dcim/cables', { a_terminations: end('circuits.circuittermination', ended), b_terminations: end('dcim.interface', a1) });
  await post('wireless/wireless-lans', { ssid: 'Gäste', status: 'active' });
  const cluster = await post('virtualization/clusters', {
    name: 'cluster',
    type: await named('virtualization/cluster-types', 'Kind'),
    scope_type: 'dcim.site',
    scope_id: north,
  });
  const vm = await post('virtualization/virtual-machines', { name: 'r2-north', cluster, site: north, status: 'active' });
  const vmPort = await post('virtualization/interfaces', { virtual_machine: vm, name: 'eth0' });
  await post('ipam/ip-addresses', {
    address: '10.6.0.5/24',
    assigned_object_type: 'virtualization.vminterface',
    assigned_object_id: vmPort,
  });
  await named('ipam/vlan-groups', 'Of a cluster', { scope_type: 'virtualization.cluster', scope_id: cluster });
}
