import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileDevice } from '../../controller/compile/index.ts';
import { compileTemplates, createRenderer, readBuiltinTemplates } from '../../controller/render/index.ts';
import { stateOf } from '../builders/state.ts';
import { whyNot } from '../lab/kea/index.ts';

/** Case folders, one for each template: `state.yaml`, and `dhcp1.json`, what is rendered for dhcp1. `vitest --update` rewrites the latter. */
const folder = join(import.meta.dirname, 'golden', 'kea');
const cases = readdirSync(folder).sort();

async function renderCase(name: string): Promise<string> {
  const state = stateOf(readFileSync(join(folder, name, 'state.yaml'), 'utf8'));
  const { compiled, problems } = compileTemplates(readBuiltinTemplates());
  const { intent, problems: faults } = compileDevice(state, 'dhcp1');
  if (!intent) throw new Error(faults.map(({ message }) => message).join('\n'));
  const renderer = createRenderer({ templates: compiled });
  const result = await renderer.render(intent, () => '<secret:hmac-00112233445566778899aabbccddeeff>');
  renderer.close();
  expect([...problems, ...result.problems].map(({ message }) => message)).toEqual([]);
  return result.rendered?.text ?? '';
}

test('each template has a golden case', () => {
  const templates = readBuiltinTemplates().filter(({ name }) => name.startsWith('kea/'));
  expect(cases).toEqual(templates.map(({ name }) => basename(name, '.njk')).sort());
});

test.each(cases)('%s renders as recorded', async (name) => {
  await expect(await renderCase(name)).toMatchFileSnapshot(join(folder, name, 'dhcp1.json'));
});

test.each(cases)('%s is one JSON object but for its markers', async (name) => {
  expect(Object.keys(plain(await renderCase(name)))).not.toEqual([]);
});

interface KeaConfig {
  'hooks-libraries'?: { library: string }[];
}

function plain(text: string): Record<string, KeaConfig> {
  return JSON.parse(text.replaceAll(/^ *\/\/.*$/gm, '')) as Record<string, KeaConfig>;
}

const missing = whyNot();
describe.skipIf(missing !== undefined)(`on a real Kea${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let place = '';
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'plumb-kea-'));
  });
  afterAll(() => rmSync(place, { recursive: true }));

  test.each(cases)('%s is what both servers accept', async (name) => {
    const config = plain(await renderCase(name));
    for (const [family, says] of Object.entries(config)) {
      const file = join(place, `${name}-${family}.json`);
      writeFileSync(file, JSON.stringify({ [family]: installed(says) }));
      // Interfaces must exist: this one does nowhere else.
      const check = `ip link add srv type veth peer name far && exec kea-${family.toLowerCase()} -t ${file}`;
      const env = { ...process.env, KEA_PIDFILE_DIR: place, KEA_LOCKFILE_DIR: place };
      const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', check], { env, encoding: 'utf8' });
      expect({ family, status, says: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ family, status: 0, says: '' });
    }
  });
});

/** Without the libraries that came with later versions. */
function installed(config: KeaConfig): KeaConfig {
  const libraries = config['hooks-libraries']?.filter(({ library }) => existsSync(library));
  return { ...config, ...(libraries && { 'hooks-libraries': libraries }) };
}
