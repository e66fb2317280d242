import type { KubeObject, Pod } from '../../types/objects.ts';
import { same } from '../kinds/shared/checks.ts';
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
    const overhead = found.overhead?.podFixed;
    if (overhead && Object.keys(spec.overhead ?? {}).length > 0 && !same(overhead, spec.overhead))
      throw refuse(request, draft, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    if (overhead) spec.overhead = overhead;
    if (found.scheduling?.nodeSelector) spec.nodeSelector = { ...found.scheduling.nodeSelector, ...spec.nodeSelector };
    if (found.scheduling?.tolerations)
      spec.tolerations = [...(spec.tolerations ?? []), ...found.scheduling.tolerations];
  },
  validate(request, object) {
    if (!object || !creates(request, 'pods')) return;
    const { runtimeClassName, overhead } = (object as Pod).spec!;
    const found = runtimeClassName && request.world.store.get('runtimeclasses.node.k8s.io', '', runtimeClassName);
    if (overhead && !(found && (found as RuntimeClass).overhead))
      throw refuse(
        request,
        object,
        'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
      );
  },
};
