import type { Namespace } from '../../types/objects.ts';
import { detailsOf, notFound } from '../errors.ts';
import { ApiError } from '../request.ts';
import { type ResourceRequest, subjectOf } from '../world.ts';
import { type AdmissionPlugin, refuse } from './plugin.ts';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Nothing new in a namespace that is missing or going; some namespaces never go. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  admit(request, draft, old) {
    const { world, verb, resource, namespace, name } = request;
    if (resource.name === 'namespaces') {
      if (verb.startsWith('delete') && !draft && IMMORTAL.has(old?.metadata.name ?? ''))
        throw refuse({ ...request, name: old?.metadata.name ?? name }, old, 'this namespace may not be deleted');
      return;
    }
    if (verb !== 'create' || !resource.namespaced || namespace === '' || isReview(request)) return;
    const found = world.store.get('namespaces', '', namespace) as Namespace | undefined;
    if (!found) throw notFound({ group: '', plural: 'namespaces' }, namespace);
    if (!found.metadata.deletionTimestamp) return;
    const cause = {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    };
    const refused = refuse(
      request,
      draft,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
    throw new ApiError(
      refused.code,
      refused.reason,
      refused.message,
      detailsOf(subjectOf(request), refused.details?.name ?? '', { causes: [cause] }),
    );
  },
};

/** Access reviews may ask about namespaces that are not there. */
const isReview = ({ resource }: ResourceRequest): boolean =>
  resource.name === 'localsubjectaccessreviews.authorization.k8s.io';
