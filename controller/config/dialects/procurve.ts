import type { Dialect, Draft, Finish, Row } from '../dialect.ts';
import { genericNo } from './generic.ts';
import { values } from './rows.ts';

/** Limits of port access are taken back by the value of a new switch, or without their value. */
const access: readonly Row[] = [
  {
    match: 'aaa port-access authenticator {port} tx-period|supplicant-timeout <seconds>',
    remove: 'aaa port-access authenticator {port} {choice0} 30',
  },
  { match: 'aaa port-access authenticator {port} client-limit <count>', remove: 'no aaa port-access authenticator {port} client-limit' },
  { match: 'aaa port-access mac-based {port} addr-limit <count>', remove: 'aaa port-access mac-based {port} addr-limit 1' },
  { match: 'aaa port-access mac-based {port} logoff-period <seconds>', remove: 'aaa port-access mac-based {port} logoff-period 300' },
  { match: 'aaa port-access {port} critical-auth user-role <role*>', remove: 'no aaa port-access {port} critical-auth user-role' },
  { match: 'aaa port-access {port} auth-order|auth-priority <order*>', remove: 'no {line}' },
  { match: 'radius-server host {host} encrypted-key <secret>', secret: 'secret', remove: 'no radius-server host {host}' },
  { match: 'radius-server host {host} time-window <seconds>', remove: 'radius-server host {host} time-window 300' },
  { match: 'tacacs-server host {host} {rest*}', remove: 'no tacacs-server host {host}' },
];

const ports: readonly Row[] = [
  { match: 'name <text*>', remove: 'no name' },
  { match: 'disable', remove: 'enable' },
  { match: 'enable', undoes: 'disable' },
  { match: 'untagged vlan <vlan>', remove: 'no {line}' },
];

/** HP ProCurve (ArubaOS-Switch). */
export const procurve: Dialect = {
  ...genericNo,
  platform: 'procurve',
  comments: [';', '!', '#', 'Running configuration'],
  removal: 'key',
  sections: {
    root: [
      { match: 'interface {name}', opens: 'interface', remove: 'no {line}' },
      { match: 'vlan {id}', opens: 'vlan', remove: 'no {line}' },
      ...access,
      ...values(
        'hostname; aaa authentication port-access; aaa accounting update periodic; snmp-server location; snmp-server contact',
        'ip default-gateway; time timezone; console inactivity-timer',
      ),
    ],
    interface: [...ports, ...values('speed-duplex', 'rate-limit all in', 'broadcast-limit')],
    vlan: [...values('name'), { match: 'ip address <address*>', remove: 'no {line}' }],
  },
};

/** Ports of a list, `1/1-1/3,Trk1`. */
function expandPorts(list: string): string[] {
  return list.split(',').flatMap((part) => {
    const [, head = '', first = '', , last = ''] = /^(.*?)(\d+)-(.*?)(\d+)$/.exec(part) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (last === '' || count < 1 || count > 1000) return [part];
    return Array.from({ length: count }, (_, n) => `${head}${Number(first) + n}`);
  });
}

/** Who is in a VLAN is looked at port by port, and a list of ports one port at a time. */
export const portByPort: Finish = (root, { place }) => {
  for (const child of root.children) {
    const [, what, list] = /^aaa port-access (authenticator|mac-based) ([\d,/\-Ttrk]+)$/.exec(child.text) ?? [];
    if (what !== undefined && list !== undefined && /[-,]/.test(list)) {
      drop(root, child);
      for (const port of expandPorts(list)) place(root, `aaa port-access ${what} ${port}`, child.line, []);
    }
    if (child.text.startsWith('device-profile name ')) {
      for (const tagged of child.children.filter((inner) => /^tagged-vlan \S*[-,]/.test(inner.text))) {
        drop(child, tagged);
        for (const id of expandPorts(tagged.text.split(' ')[1] ?? '')) place(child, `tagged-vlan ${id}`, tagged.line, [child.text]);
      }
    }
    const vlan = /^vlan (\d+)$/.exec(child.text)?.[1];
    if (vlan === undefined) continue;
    for (const member of child.children) {
      const [, no, kind, names] = /^(no )?(untagged|tagged) (\S+)$/.exec(member.text) ?? [];
      if (kind === undefined || names === undefined) continue;
      drop(child, member);
      if (no) continue;
      for (const port of expandPorts(names).sort()) {
        const at = place(root, `interface ${port}`, member.line, []);
        if (at) place(at, `${kind} vlan ${vlan}`, member.line, [at.text]);
      }
    }
  }
};

function drop(block: Draft, child: Draft): void {
  block.children = block.children.filter((there) => there !== child);
}

/** Rows in the manner of hier_config: see `in-place.ts`. */
export const procurveInPlace: Dialect['sections'] = {
  root: [
    { match: 'interface {name}', opens: 'interface', remove: 'no {line}' },
    ...access,
    { match: 'aaa authentication port-access eap-radius <rest*>', key: '{line}', slot: 'eap', remove: 'no {line}' },
    { match: 'aaa accounting update periodic <minutes>', key: '{line}', slot: 'periodic', remove: 'no {line}' },
  ],
  interface: ports,
};
