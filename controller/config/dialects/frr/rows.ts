import type { Row } from '../../dialect.ts';

/** `words VALUE`: one value, taken back without it. */
export function value(words: string, more: Partial<Row> = {}): Row {
  return { match: `${words} <value*>`, remove: `no ${words}`, ...more };
}

/** Several of them. */
export function values(...words: string[]): Row[] {
  return words.map((each) => value(each));
}

/** `words VALUE`: one value, taken back with it. */
export function whole(words: string, more: Partial<Row> = {}): Row {
  return { match: `${words} <value*>`, ...more };
}

/** Lines with their values are members of a set. */
export function members(...patterns: string[]): Row[] {
  return patterns.map((match) => ({ match }));
}

/** A value that may stand per level, `isis metric level-1 10`. */
export function perLevel(words: string): Row[] {
  return [{ match: `${words} level-1|level-2 <value*>`, remove: `no ${words} {choice0}` }, value(words)];
}

/** Routes of other protocols, with the route-map and metric they take. */
export function redistribution(prefix = 'redistribute'): Row[] {
  const rows = [redistribute(`${prefix} ospf|table|ospf6 {instance}`), redistribute(`${prefix} {source}`)].flat();
  return rows.map((row): Row => ({ ...row, traffic: true }));
}

function redistribute(head: string): Row[] {
  const key = head.replace(/ [a-z]+\|\S+/, ' {choice0}');
  return [
    { match: `${head} route-map <map>`, uses: 'route-map {map}', key, change: 'recreate', effect: 'soft' },
    { match: `${head} metric <metric> route-map <map>`, uses: 'route-map {map}', key, change: 'recreate', effect: 'soft' },
    { match: `${head} metric-type <type> route-map <map>`, uses: 'route-map {map}', key, change: 'recreate', effect: 'soft' },
    {
      match: `${head} metric <metric> metric-type <type> route-map <map>`,
      uses: 'route-map {map}',
      key,
      change: 'recreate',
      effect: 'soft',
    },
    { match: `${head} metric <metric*>`, key, change: 'recreate', effect: 'soft' },
    { match: `${head} metric-type <type*>`, key, change: 'recreate', effect: 'soft' },
    { match: `${head} subnets`, key, change: 'recreate', effect: 'soft' },
    { match: head, key, change: 'recreate', effect: 'soft' },
  ];
}
