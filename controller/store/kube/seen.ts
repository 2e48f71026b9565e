import { frozen, type KubeObject } from '../../kube/index.ts';
import { isVisible } from './resources.ts';

/** Objects that are remembered; the one that was not asked for the longest goes first. */
const limit = 20_000;

/** Objects as they were last seen, so that a writer who has read the newest need not read it again to change it. */
export interface Seen {
  remember(kind: string, object: KubeObject): void;
  /** The object at exactly this version. */
  find(kind: string, kubeName: string, resourceVersion: string): KubeObject | undefined;
}

/** Only of what people see: mirrors are written often and are small, and whoever watches them holds them already. */
export function createSeen(): Seen {
  const objects = new Map<string, KubeObject>();
  return {
    remember: (kind, object) => {
      if (!isVisible(kind)) return;
      const key = `${kind}/${object.metadata.name}`;
      objects.delete(key); // to the end
      objects.set(key, frozen(object));
      const oldest = objects.size > limit ? objects.keys().next().value : undefined;
      if (oldest !== undefined) objects.delete(oldest);
    },
    find: (kind, kubeName, resourceVersion) => {
      const found = objects.get(`${kind}/${kubeName}`);
      return found?.metadata.resourceVersion === resourceVersion ? found : undefined;
    },
  };
}
