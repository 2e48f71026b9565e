import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type KubeLab, up } from '../lab/kube/index.ts';
import { tryRun, until } from '../lab/shell.ts';
import { chartFolder, installChart } from './chart.ts';
import { describeWithChart } from './testing.ts';

interface Crd {
  metadata: { name: string };
  spec: {
    versions: {
      additionalPrinterColumns?: { name: string }[];
      schema: { openAPIV3Schema: { properties: { spec: { properties: Record<string, unknown> } } } };
    }[];
  };
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const sets = '/apis/plumbline.dev/v1alpha1/namespaces/net/prefixsets';

describeWithChart('an upgrade from a version with older definitions', (_, tools) => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-crds-'));
  let own: KubeLab;
  let tries = 0;
  const install = (chart?: string) => installChart(tools(), { kubeconfig: own.kubeconfig(), namespace: 'net', ...(chart && { chart }) });
  const columns = async (): Promise<string[]> => {
    const crd = await own.api().ask<Crd>('GET', `${definitions}/prefixsets.plumbline.dev`);
    return crd.spec.versions[0]?.additionalPrinterColumns?.map(({ name }) => name) ?? [];
  };
  const create = (name: string) =>
    own.api().ask<{ spec: { allowEmpty?: boolean } }>('POST', sets, {
      apiVersion: 'plumbline.dev/v1alpha1',
      kind: 'PrefixSet',
      metadata: { name },
      spec: { allowEmpty: true, entries: [{ prefix: '192.0.2.0/24' }] },
    });

  beforeAll(async () => {
    own = await up();
    await own.api().ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'net' } });
    await own.api().ask('DELETE', definitions);
    await until('an empty server', async () => (await own.api().ask<{ items: unknown[] }>('GET', definitions)).items.length === 0);
    cpSync(chartFolder, join(folder, 'older'), { recursive: true });
    makeOlder(join(folder, 'older/crds/plumbline.dev_prefixsets.yaml'));
    await install(join(folder, 'older'));
  });
  afterAll(async () => {
    await own?.down();
    rmSync(folder, { recursive: true, force: true });
  });

  it('begins with the older ones, which helm installed', async () => {
    await until('the kinds to be served', () => create('before').catch(() => undefined));
    expect((await own.api().ask<{ spec: object }>('GET', `${sets}/before`)).spec).not.toHaveProperty('allowEmpty');
    expect(await columns()).toEqual([]);
  });

  it('keeps them over helm upgrade, which leaves definitions alone', async () => {
    await install();
    expect(await columns()).toEqual([]);
  });

  it('has the new ones after the documented command, and every object still', async () => {
    const command = ['apply', '--server-side', '--force-conflicts', '-f', join(chartFolder, 'crds')];
    const { rc, stderr } = await tryRun(['kubectl', '--kubeconfig', own.kubeconfig(), ...command], { timeoutMs: 60_000 });
    // Where there is no kubectl, by the same requests.
    if (rc !== 0 && stderr.includes('ENOENT')) await own.apply(readdirSync(join(chartFolder, 'crds')).map(readCrd).join('\n---\n'));
    else expect(stderr).not.toContain('error');
    expect(await columns()).toContain('Age');
    await until('the new field to be kept', async () => (await create(`after-${++tries}`)).spec.allowEmpty);
    expect(await own.api().ask('GET', `${sets}/before`)).toMatchObject({ spec: { entries: [{ prefix: '192.0.2.0/24' }] } });
  });

  it('is documented with that command', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/operator.md'), 'utf8');
    expect(page).toContain('kubectl apply --server-side --force-conflicts -f ');
  });
});

/** A definition without a field and a column that ours has. */
function makeOlder(path: string): void {
  const crd = parse(readFileSync(path, 'utf8')) as Crd;
  const [version] = crd.spec.versions;
  if (!version) throw new Error(`${path} has no version`);
  delete version.schema.openAPIV3Schema.properties.spec.properties['allowEmpty'];
  version.additionalPrinterColumns = [];
  writeFileSync(path, stringify(crd));
}

function readCrd(name: string): string {
  return readFileSync(join(chartFolder, 'crds', name), 'utf8');
}
