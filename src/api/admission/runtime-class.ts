import type { KubeObject, Pod } from '../../types/objects.ts';
import { type AdmissionPlugin, creates, refuse } from './plugin.ts';

interface RuntimeClass extends KubeObject {
  overhead?: { podFixed?: Record<string, string> };
  scheduling?: { nodeSelector?: Record<string, string>; tolerations?: NonNullable<Pod['spec']>['tolerations'] };
}

/** A pod's runtime class must exist, and brings its overhead and where it can be scheduled. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  resources: ['pods'],
  admit(request, draft) {
    if (!draft || !creates(request, 'pods')) return;
    const spec = (draft as Pod).spec!;
    const name = spec.runtimeClassName;
    if (!name) return;
    const found = request.world.store.get('runtimeclasses.node.k8s.io', '', name) as RuntimeClass | undefined;
    if (!found) throw refuse(request, draft, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
    if (found.overhead?.podFixed) spec.overhead = found.overhead.podFixed;
    if (found.scheduling?.nodeSelector) spec.nodeSelector = { ...found.scheduling.nodeSelector, ...spec.nodeSelector };
    if (found.scheduling?.tolerations)
      spec.tolerations = [...(spec.tolerations ?? []), ...found.scheduling.tolerations];
  },
};
