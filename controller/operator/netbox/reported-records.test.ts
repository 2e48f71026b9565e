import { describe, expect, it } from 'vitest';
import type { RecordDifference } from '../../api/index.ts';
import { reportRecords } from './reported-records.ts';

const at = new Date('2026-11-22T02:00:00.000Z');
const behind: RecordDifference = {
  record: 'Behind',
  owner: 'Device/edge1-fra',
  kind: 'interface',
  object: 'edge1-fra > eth0',
  field: 'description',
  ids: [7],
  desired: 'to core',
  recorded: null,
  source: { file: 'edge1.yaml', line: 8 },
  why: 'Git and the device agree, NetBox says something else',
  next: { words: 'Write it into NetBox', command: 'plumb netbox record edge1-fra' },
};
const conflict: RecordDifference = { ...behind, record: 'Conflict', object: 'edge1-fra > eth1', next: { words: 'Find out' } };

describe('what is reported of NetBox', () => {
  it('is the worst first, with the next step, and a value that is not there is empty', () => {
    const [first, second] = reportRecords([behind, conflict], undefined, at);
    expect(first).toMatchObject({ record: 'Conflict', severity: 'warning', object: 'interface edge1-fra > eth1', next: 'Find out' });
    expect(first).not.toHaveProperty('command');
    expect(second).toMatchObject({
      record: 'Behind',
      severity: 'info',
      desired: 'to core',
      recorded: '',
      command: 'plumb netbox record edge1-fra',
    });
  });

  it('keeps its age whoever of the three moved since', () => {
    const [last] = reportRecords([behind], undefined, new Date('2026-11-21T00:00:00.000Z'));
    expect(reportRecords([{ ...behind, record: 'Ahead' }], last && [last], at)[0]).toMatchObject({
      record: 'Ahead',
      since: '2026-11-21T00:00:00.000Z',
    });
    expect(reportRecords([{ ...behind, field: 'mtu' }], last && [last], at)[0]?.since).toBe(at.toISOString());
  });
});
