import { type CheckedState, type FleetSpec, hasErrors } from '../../api/index.ts';
import { createManifestCache, loadSource, openArtifact, rememberState } from '../../desired/index.ts';
import { isApiError, type KubeClient, type Resource } from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import type { FleetSource } from './source.ts';

/** What we read of a Flux source: what its controller fetched and checked. */
interface FluxStatus {
  artifact?: { url?: string; digest?: string; revision?: string };
  conditions?: readonly { type: string; status: string; message: string }[];
}

/** Revisions that are kept to compare with: they share what did not change between them. */
const mostKept = 4;

/** What an object takes. */
const longestRevision = 200;

const plurals = { GitRepository: 'gitrepositories', OCIRepository: 'ocirepositories' } as const;

/** Follows the artifact of a Flux source: fetching and credentials are Flux's, the digest is checked before a byte is looked at. */
export function openArtifactSource(options: {
  fleet: string;
  namespace: string;
  spec: FleetSpec;
  client: KubeClient;
  clock: Clock;
}): FleetSource {
  const { fleet, spec, client, clock } = options;
  const ref = spec.sourceRef;
  if (!ref) throw errors.FleetInvalid({ fleet, what: 'spec.sourceRef is missing' });
  const namespace = ref.namespace ?? options.namespace;
  const resource: Resource = { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: plurals[ref.kind], kind: ref.kind, namespace };
  const cache = createManifestCache();
  const kept = new Map<string, CheckedState>();
  return {
    look: async (signal, _inForce, before) => {
      const found = await client.get(resource, ref.name, { signal }).catch((cause: unknown) => {
        if (!isApiError(cause, 'notFound')) throw cause;
        throw errors.SourceFailed({ fleet, why: `there is no ${ref.kind} ${namespace}/${ref.name}` }, { cause });
      });
      const status = (found as { status?: FluxStatus }).status ?? {};
      const { url, digest, revision } = status.artifact ?? {};
      if (url === undefined || digest === undefined || revision === undefined) {
        const ready = status.conditions?.find(({ type }) => type === 'Ready');
        throw errors.SourceFailed({
          fleet,
          why: `${ref.kind} ${namespace}/${ref.name} has no artifact${ready ? `: ${ready.message}` : ''}`,
        });
      }
      if (revision.length > longestRevision)
        throw errors.SourceFailed({ fleet, why: `the name of its revision has more than ${longestRevision} letters` });
      const load = async () => {
        const state = await loadSource(
          await openArtifact({ url, digest, revision }, spec.path, signal),
          clock,
          cache,
          rememberState(await before(revision)),
        );
        kept.delete(revision);
        if (!hasErrors(state.problems)) kept.set(revision, state);
        for (const oldest of kept.keys()) if (kept.size > mostKept) kept.delete(oldest);
        return state;
      };
      // Flux packs the same commit anew when it is told to leave other files out.
      return { revision, content: digest, load };
    },
    // Flux keeps the newest artifact only: the others are those that this process has seen.
    earlier: () => Promise.resolve(undefined),
    past: (revision) => Promise.resolve(kept.get(revision)),
    close: () => Promise.resolve(),
  };
}
