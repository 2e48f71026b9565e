import type { NamedPrefixes, RoutingEffects } from './routing-records.ts';

/** One command of a plan: the section lines it stands in, and its own text. Masked: a secret is its token. */
export interface PlannedCommand {
  path: readonly string[];
  text: string;
}

/** A session that the change tears down, and the command that does it. */
export interface SessionReset {
  neighbor: string;
  vrf: string;
  because: string;
}

/** A moment in which the device cannot hold old and new together; declared, shown, and counted as a risk. */
export interface Gap {
  what: string;
  because: string;
}

/** Prefixes that a neighbor outside of the fleet gets, or gets no more: all by number, the first of them by name. */
export interface RoutesOfNeighbor extends NamedPrefixes {
  device: string;
  neighbor: string;
  peer: string;
}

/** What a change does to the routes of the network, as far as Git alone tells. */
export interface EffectRoutes {
  announced: readonly RoutesOfNeighbor[];
  withdrawn: readonly RoutesOfNeighbor[];
  /** Routes of a provider or peer that would go to another one, in words. */
  leaks: readonly string[];
  /** Prefixes that no device of a site would announce any more. */
  lastOfSite: readonly (NamedPrefixes & { site: string })[];
}

export type Risk = 'low' | 'medium' | 'high';

/** Traffic is led away before the commands and comes back after them, all inside one armed change. */
export interface Drain {
  scope: 'Session' | 'Device';
  commands: readonly PlannedCommand[];
  /** Taken back when the change was applied, read back and probed. */
  undo: readonly PlannedCommand[];
  /** Sent after the rollback when the change goes back: more than `undo` where the change itself removes what was drained. */
  wayBack: readonly PlannedCommand[];
  /** How long traffic has to leave. */
  waitSeconds: number;
  /** Prefixes of a session that may still be in use when the commands are sent. */
  leftPrefixes: number;
}

/**
 * What would happen to one device. This, and only this, is what people approve: its digest is the effect digest.
 * No revision, time or fingerprint stands in here, so a change elsewhere does not void an approval.
 */
export interface Effect {
  device: string;
  platform: string;
  commands: readonly PlannedCommand[];
  rollback: readonly PlannedCommand[];
  /** Absent: sessions go down as the commands reset them. */
  drain?: Drain;
  /** Token per secret reference `name/key` that the commands or the rollback use. */
  secretVersions: Readonly<Record<string, string>>;
  resets: readonly SessionReset[];
  gaps: readonly Gap[];
  /** Commands that are accepted but take effect only later, with the reason. */
  deferred: readonly { text: string; until: string }[];
  /** Absent: nothing that is known of changes, or nobody looked. */
  routes?: EffectRoutes;
  risk: Risk;
  /** One sentence per stated rule that raised the risk. */
  riskReasons: readonly string[];
}

/** Where a plan comes from. When it moves, the plan is computed again; an approval holds while the effect is the same. */
export interface Provenance {
  revision: string;
  renderedDigest: string;
  templatesDigest: string;
  liveFingerprint: string;
  deviceVersion: string;
}

/**
 * Leases that a change of a DHCP server touches, as they were when it was planned. They come and go with every client: they stand beside the effect,
 * so that an approval does not end with one of them.
 */
export interface LeaseImpact {
  /** For example `192.0.2.10 - 192.0.2.20 of subnet 10 are not given out any more`. */
  what: string;
  /** How many clients hold one now; null when nobody knows. */
  live: number | null;
  /** Who, and until when; or why nobody knows. */
  says: string;
}

/** An immutable proposal for one device. */
export interface DevicePlan {
  effect: Effect;
  /** `sha256:<64 hex>` of the effect. */
  effectDigest: string;
  provenance: Provenance;
  /** Every owned item as it will be, by item key: what the read-back is compared with. */
  predicted: Readonly<Record<string, string>>;
  /** Keys of the items that the plan removes: none of them may be there at the read-back. */
  gone?: readonly string[];
  proof: Proof;
  /** Only for a DHCP server, and only where a change may touch leases. */
  leases?: readonly LeaseImpact[];
}

/** How the plan was proven by simulation before anybody saw it. */
export interface Proof {
  forward: boolean;
  rollback: boolean;
  /** Prefixes and failed lines tried, out of how many there are. */
  checked: number;
  of: number;
}

/** What a plan risks by how much it changes at a time, beyond its effects. Judged when it is made, and no part of what it is known by. */
export interface WholeRisk {
  risk: Risk;
  /** One sentence per stated rule that raised the risk. */
  riskReasons: readonly string[];
}

/** What is applied as one unit: devices whose sessions break when only one side changes. */
export interface Plan {
  /** `plan-` and the first 12 hex digits of the digest of its effects. */
  id: string;
  createdAt: string;
  revision: string;
  /** Sets of device names that change together. A device that changes alone is a set of one. */
  sets: readonly (readonly string[])[];
  /** What it does to the routes of the whole network. Absent: nothing decides differently about them, or nobody looked. */
  routing?: RoutingEffects;
  /** Absent: no rule raises it, or nobody judged. */
  wholeRisk?: WholeRisk;
  devices: readonly DevicePlan[];
}
