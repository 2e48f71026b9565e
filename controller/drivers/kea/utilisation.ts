import { PlumblineError } from '../../lib/index.ts';
import type { KeaService, KeaTarget } from '../contract.ts';
import type { SubnetUse, Utilisation } from '../questions.ts';
import { isMap, type Json, type JsonMap } from './answers.ts';
import { ask } from './ask.ts';
import type { KeaDeps } from './deps.ts';

/** Counts of the hook stat_cmds, all daemons or none. */
export async function utilisation(deps: KeaDeps, target: KeaTarget, signal: AbortSignal): Promise<Utilisation> {
  try {
    const subnets: SubnetUse[] = [];
    for (const service of target.services) {
      const command = `stat-lease${service.slice(-1)}-get`;
      const { result, text, arguments: told } = await ask(deps, target, service, command, { account: 'observe' }, signal);
      if (result === 2)
        return { outcome: 'NotKnown', why: `${target.device}: ${service} does not count its leases: the hook stat_cmds is not loaded` };
      const rows = result === 3 ? [] : rowsOf(told);
      if (!rows)
        return { outcome: 'NotKnown', why: `${target.device}: ${service} does not count its leases: ${text || `result ${result}`}` };
      subnets.push(...rows.flatMap((row) => usesOf(service, row)));
    }
    return { outcome: 'Counted', subnets };
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return { outcome: 'NotReached', error };
  }
}

function rowsOf(told: JsonMap): readonly ReadonlyMap<string, number>[] | undefined {
  const set = told['result-set'];
  if (!isMap(set) || !Array.isArray(set['columns']) || !Array.isArray(set['rows'])) return undefined;
  const columns = (set['columns'] as readonly Json[]).map(String);
  return (set['rows'] as readonly Json[]).map((row) => new Map(columns.map((name, i) => [name, Number(Array.isArray(row) ? row[i] : 0)])));
}

function usesOf(service: KeaService, row: ReadonlyMap<string, number>): readonly SubnetUse[] {
  const subnet = row.get('subnet-id') ?? 0;
  const use = (of: SubnetUse['of'], total: string, assigned: string, declined: string): SubnetUse => ({
    service,
    subnet,
    of,
    total: row.get(total) ?? 0,
    assigned: row.get(assigned) ?? 0,
    declined: row.get(declined) ?? 0,
  });
  if (service === 'dhcp4') return [use('address', 'total-addresses', 'assigned-addresses', 'declined-addresses')];
  const prefixes = use('prefix', 'total-pds', 'assigned-pds', 'none');
  return [use('address', 'total-nas', 'assigned-nas', 'declined-nas'), ...(prefixes.total > 0 ? [prefixes] : [])];
}
