import type { Baseline, Observation, Read, Rendered } from '../api/index.ts';
import { classify, dialectFor, listItems, parse, parseIntended } from '../config/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import type { Facts, LiveItem, Standing } from './facts.ts';
import { sinceFrom } from './observation.ts';

/**
 * The facts for one device from its rendered and its running configuration. `problems` are mistakes in the rendered text (one line
 * with two owners, a secret in clear text): while there is an error among them the facts are not to be judged.
 */
export function gatherFacts(from: {
  rendered: Rendered;
  read: Read;
  baseline: Baseline | undefined;
  revision: string;
  /** What was stored after the last judgement. */
  last: Observation | undefined;
}): { facts: Facts; problems: readonly PlumblineError[] } {
  const { rendered, read, baseline, revision, last } = from;
  const dialect = dialectFor(rendered.platform);
  const version = { version: read.version };
  const { tree: intended, owners, exact, problems } = parseIntended(rendered.text, dialect, version);
  const live = parse(read.config, dialect, version);
  const { owned, unmanaged, foreign, strangers } = classify(live, intended, new Set(Object.keys(baseline?.items ?? {})), dialect, exact);

  const inside = new Set(foreign.map(({ key }) => key));
  const beside = new Set(strangers.map(({ key }) => key));
  const facts: Facts = {
    device: rendered.device,
    platform: rendered.platform,
    revision,
    desired: listItems(intended, dialect).map(({ key, path, text }) => {
      const owner = owners.get(key);
      return { key, path, text, ...(owner && { source: { file: owner.file, line: owner.line } }) };
    }),
    live: [
      ...owned.map((item) => stand(item, inside.has(item.key) ? 'inside' : 'owned')),
      ...unmanaged.map((item) => stand(item, beside.has(item.key) ? 'beside' : 'unmanaged')),
    ],
    baseline,
    at: new Date(read.at),
    sinceOf: sinceFrom(last),
  };
  return { facts, problems };
}

function stand({ key, path, text }: Omit<LiveItem, 'standing'>, standing: Standing): LiveItem {
  return { key, path, text, standing };
}
