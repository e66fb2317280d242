import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node';
import { isCelLoaded } from '../../api/cel/index.ts';
import { typeWarnings } from '../../api/cel/type-check.ts';
import type { Actor } from '../../runtime/actor.ts';
import type { Resource } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';

type Policy = Resource<V1ValidatingAdmissionPolicy>;

const POLICIES = 'validatingadmissionpolicies.admissionregistration.k8s.io';
const NAME = 'validatingadmissionpolicy-status';

/** Tells what types say of a policy's expressions (pkg/controller/validatingadmissionpolicystatus). */
export const validatingAdmissionPolicyStatusController: Actor = controller({
  name: `${NAME}-controller`,
  watches: [{ resource: POLICIES, keys: ({ type, object }) => (type === 'DELETED' ? [] : [object.metadata.name!]) }],
  reconcile(key, { client }) {
    const policy = client.get(POLICIES, '', key) as Policy | undefined;
    if (!policy || !isCelLoaded()) return;
    const { metadata, status } = policy;
    const { generation = 0 } = metadata;
    if (generation <= (status?.observedGeneration ?? 0)) return;
    const expressionWarnings = typeWarnings(policy);
    client.apply(
      POLICIES,
      {
        apiVersion: policy.apiVersion,
        kind: policy.kind,
        metadata: { name: metadata.name! },
        status: {
          observedGeneration: generation,
          typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
        },
      } as unknown as Policy,
      NAME,
      'status',
    );
  },
});
