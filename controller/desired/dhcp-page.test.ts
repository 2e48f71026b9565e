import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';

const page = readFileSync(path.join(import.meta.dirname, '../../docs/dhcp.md'), 'utf8');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``, 'g'))].map(([, text = '']) => text);
}

test('what the page on DHCP shows is a network without a mistake', async () => {
  const [csv = ''] = blocks('');
  const files = { 'all.yaml': blocks('yaml').join('---\n'), 'dhcp/office-fra.csv': csv };
  const { problems, objects } = await loadSource(memorySource(files), systemClock);
  expect(problems.map(({ message }) => message)).toEqual([]);
  expect(objects.DHCPSubnet.get('office-fra')?.spec.reservations).toHaveLength(4);
});
