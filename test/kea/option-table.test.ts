import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DhcpOption, dhcpOptions, type DhcpOptionType, ownOptionSpace } from '../../controller/api/index.ts';
import { findOptionFault } from '../../controller/desired/checks/dhcp-option-data.ts';
import { type KeaLab, up, whyNot } from '../lab/kea/index.ts';

const skipped = whyNot();
if (skipped !== undefined) process.stderr.write(`skipped, no real Kea: ${skipped}\n`);

/** Options of later versions than the one that runs here. */
const later: Readonly<Record<'ipv4' | 'ipv6', readonly number[]>> = {
  ipv4: [121, 143, 151, 152, 153, 154, 155, 156, 157, 162],
  ipv6: [136, 144],
};

const right: Readonly<Record<DhcpOptionType, string>> = {
  binary: 'abcd', boolean: 'true', empty: '', fqdn: 'a.example.net', int8: '-1', int16: '-1', int32: '-1', internal: '', 'ipv4-address': '192.0.2.1',
  'ipv6-address': '2001:db8::1', 'ipv6-prefix': '2001:db8::/32', psid: '1/4', record: '', string: 'abc', tuple: 'abc', uint8: '7', uint16: '700',
  uint32: '70000',
}; // biome-ignore format: a table of words
const wrong: Partial<Record<DhcpOptionType, string>> = {
  boolean: 'perhaps', int32: '2147483648', 'ipv4-address': '192.0.2.300', 'ipv6-address': '2001:db8:::1', 'ipv6-prefix': '2001:db8::', psid: 'x', uint8: '256',
  uint16: '65536', uint32: '4294967296', fqdn: 'a..b',
}; // biome-ignore format: a table of words

const known = dhcpOptions.filter(
  ({ family, space, code }) => space === ownOptionSpace(family) && !later[family].includes(code) && !isOfTheServer(family, code),
);

/** What a server reads or writes itself, of which a text says too little. */
function isOfTheServer(family: string, code: number): boolean {
  return family === 'ipv4' ? [124].includes(code) : [3, 16, 25, 39, 45].includes(code);
}

describe.skipIf(skipped !== undefined)('the table of options, beside a real Kea', () => {
  let lab: KeaLab;
  beforeAll(async () => {
    lab = await up({
      prefix: `ko${process.pid.toString(36)}`,
      servers: [{ name: 'one', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'], dhcp4: {}, dhcp6: {} }],
    });
  });
  afterAll(() => lab?.down());

  async function takes({ family, space, name }: DhcpOption, data: string): Promise<boolean> {
    const number = family === 'ipv4' ? '4' : '6';
    const file = lab.file('one', `dhcp${number}`) as Record<string, unknown>;
    const config = { [`Dhcp${number}`]: { ...file, 'option-data': [{ name, space, ...(data === '' ? {} : { data }) }] } };
    return (await lab.command('one', `dhcp${number}`, 'config-test', config)).result === 0;
  }

  test.each(known.map((option) => [`${option.family} ${option.code} ${option.name}`, option] as const))('%s', async (_name, option) => {
    const types = option.type === 'record' ? option.record : [option.type];
    const value = types.map((type) => right[type]).join(', ');
    expect(findOptionFault(option, { data: value, hex: false, alwaysSend: false, neverSend: false })).toBeUndefined();
    expect(await takes(option, value)).toBe(true);
    const last = types.at(-1) ?? 'string';
    const more = `${value}, ${right[last]}`;
    // Of a single value it silently takes the first; we do not.
    if (option.array) expect(await takes(option, more)).toBe(true);
    const bad = wrong[last];
    if (bad === undefined || types.length > 1) return;
    expect(await takes(option, bad)).toBe(false);
    expect(findOptionFault(option, { data: bad, hex: false, alwaysSend: false, neverSend: false })).toBeDefined();
  });

  test('a name of the table is a name of the server with the same code', async () => {
    for (const number of ['4', '6'] as const) {
      const options = known.filter(({ family, type }) => family === `ipv${number}` && type !== 'empty' && type !== 'record');
      const file = lab.file('one', `dhcp${number}`) as Record<string, unknown>;
      const data = options.map(({ name, type }) => ({ name, data: right[type] }));
      const set = await lab.command('one', `dhcp${number}`, 'config-set', { [`Dhcp${number}`]: { ...file, 'option-data': data } });
      expect(set.result).toBe(0);
      const running = (await lab.running('one', `dhcp${number}`)) as { 'option-data'?: { name: string; code: number }[] };
      const codes = new Map((running['option-data'] ?? []).map(({ name, code }) => [name, code]));
      expect(options.filter(({ name, code }) => codes.get(name) !== code).map(({ name }) => name)).toEqual([]);
    }
  });
});
