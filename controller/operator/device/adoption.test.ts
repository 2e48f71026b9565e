import { describe, expect, it } from 'vitest';
import type { DriftReportStatus } from '../../api/index.ts';
import { adoptAnnotation, adoptionBy, printAdoption } from './adoption.ts';

const seen = { digest: 'd1', since: '2026-11-20T12:00:00.000Z' };
const report = { ...seen } as DriftReportStatus;
const asks = (text: string) => ({ [adoptAnnotation]: text });
const mona = asks(printAdoption({ by: 'mona', ...seen }));

describe('a request to adopt', () => {
  it.each<{
    what: string;
    annotations: Record<string, string>;
    report: DriftReportStatus | undefined;
    now: string;
    by: string | undefined;
  }>([
    { what: 'of what stands and is found again', annotations: mona, report, now: 'd1', by: 'mona' },
    { what: 'that nobody made', annotations: {}, report, now: 'd1', by: undefined },
    { what: 'of what the device differs from by now', annotations: mona, report, now: 'd2', by: undefined },
    { what: 'of a report that was replaced', annotations: mona, report: { ...report, digest: 'd2' }, now: 'd1', by: undefined },
    {
      what: 'of the same lines on another day',
      annotations: mona,
      report: { ...report, since: '2026-11-21T12:00:00.000Z' },
      now: 'd1',
      by: undefined,
    },
    { what: 'without a report', annotations: mona, report: undefined, now: 'd1', by: undefined },
    { what: 'that is no JSON', annotations: asks('yes please'), report, now: 'd1', by: undefined },
    { what: 'that names nobody', annotations: asks(JSON.stringify(seen)), report, now: 'd1', by: undefined },
  ])('$what', ({ annotations, report: standing, now, by }) => expect(adoptionBy(annotations, standing, now)).toBe(by));
});
