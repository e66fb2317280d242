import type { KubeObject } from '../../types/objects.ts';
import type { ResourceRequest } from '../world.ts';

/** Admission plugins may change a draft (on its way in) or refuse it (once it is valid), as kube-apiserver's do. */
export interface AdmissionPlugin {
  name: string;
  /** Mutating: changes the draft in place. Throws ApiError to refuse. `old` is absent on creates; no draft on deletes. */
  admit?(request: ResourceRequest, draft: KubeObject | undefined, old: KubeObject | undefined): void;
  /** Validating. */
  validate?(request: ResourceRequest, object: KubeObject | undefined, old: KubeObject | undefined): void;
}

/** In kube-apiserver's order. */
const PLUGINS: AdmissionPlugin[] = [];

/** The mutating half. */
export function admit(request: ResourceRequest, draft: KubeObject | undefined, old: KubeObject | undefined): void {
  for (const plugin of PLUGINS) plugin.admit?.(request, draft, old);
}

/** The validating half. */
export function admitted(request: ResourceRequest, object: KubeObject | undefined, old: KubeObject | undefined): void {
  for (const plugin of PLUGINS) plugin.validate?.(request, object, old);
}
