import type { KubeObject } from '../../types/objects.ts';
import { forbidden } from '../errors.ts';
import type { ApiError } from '../request.ts';
import { type ResourceRequest, subjectOf } from '../world.ts';
import type { ConnectOptions } from './rule-matching.ts';

/** An admission plugin may change a draft (on its way in) or refuse it (once it is valid), as kube-apiserver's do. */
export interface AdmissionPlugin {
  name: string;
  /** The resources that it looks at; absent: every one. */
  resources?: readonly string[];
  /** Mutating: changes the draft in place. Throws ApiError to refuse. `old` is absent on creates; no draft on deletes. */
  admit?(request: ResourceRequest, draft: KubeObject | undefined, old: KubeObject | undefined): void;
  /** Validating. */
  validate?(request: ResourceRequest, object: KubeObject | undefined, old: KubeObject | undefined): void;
  /** Refuses connections to what the request names: exec, attach, port-forward. */
  connect?(request: ResourceRequest, options: ConnectOptions): void;
}

/** admission.NewForbidden: the name is the object's, or the prefix that one is generated from. */
export function refuse(request: ResourceRequest, object: KubeObject | undefined, reason: string): ApiError {
  const { name, generateName } = object?.metadata ?? {};
  const asked = request.verb === 'deletecollection' ? '' : request.name;
  return forbidden(subjectOf(request), asked || name || generateName || 'Unknown', reason);
}

/** Whether the request changes an object of that resource (not a subresource of one). */
export const updates = (request: ResourceRequest, resource: string): boolean =>
  (request.verb === 'update' || request.verb === 'patch') &&
  request.subresource === '' &&
  request.resource.name === resource;

/** Whether the request makes an object of that resource (not a subresource of one). */
export const creates = (request: ResourceRequest, resource: string): boolean =>
  request.verb === 'create' && request.subresource === '' && request.resource.name === resource;
