import type { ObjectStore } from '../contract.ts';
import { type Baselines, openBaselines } from './baselines.ts';
import { type Changes, openChanges } from './changes.ts';
import { type Epoch, openEpoch } from './epoch.ts';
import { type Grants, openGrants } from './grants.ts';
import { type History, openHistory } from './history.ts';
import { type Observations, openObservations } from './observations.ts';
import { openPins, type Pins } from './pins.ts';
import { openPlans, type Plans } from './plans.ts';
import { openQuarantines, type Quarantines } from './quarantines.ts';

/** The typed records of the corridor over any store. */
export interface Records {
  baselines: Baselines;
  pins: Pins;
  plans: Plans;
  changes: Changes;
  epoch: Epoch;
  /** Of an operator that looks at some devices only; with an empty name it is `epoch`. */
  epochOf(region: string): Epoch;
  quarantines: Quarantines;
  observations: Observations;
  history: History;
  grants: Grants;
}

export function openRecords(store: ObjectStore): Records {
  return {
    baselines: openBaselines(store),
    pins: openPins(store),
    plans: openPlans(store),
    changes: openChanges(store),
    epoch: openEpoch(store),
    epochOf: (region) => openEpoch(store, region),
    quarantines: openQuarantines(store),
    observations: openObservations(store),
    history: openHistory(store),
    grants: openGrants(store),
  };
}
