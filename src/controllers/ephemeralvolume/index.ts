import type { Actor } from '../../runtime/actor.ts';
import { isForOther } from '../../runtime/component-helpers/volumes.ts';
import type { PersistentVolumeClaim } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { controllerRef } from '../shared/owners.ts';

const COMPONENT = 'ephemeral_volume';

/** Makes the claims of pods' generic ephemeral volumes (pkg/controller/volume/ephemeral). */
export const ephemeralVolumeController: Actor = controller({
  name: 'ephemeral-volume-controller',
  watches: [{ resource: 'pods', keys: ({ type, object }) => (type === 'ADDED' ? [keyOf(object)] : []) }],
  reconcile(key, { client, events }) {
    const pod = client.get('pods', ...splitKey(key));
    if (!pod || pod.metadata.deletionTimestamp) return;
    const namespace = pod.metadata.namespace!;
    for (const volume of pod.spec?.volumes ?? []) {
      const template = volume.ephemeral?.volumeClaimTemplate;
      if (!template) continue;
      const name = `${pod.metadata.name}-${volume.name}`;
      const found = client.get('persistentvolumeclaims', namespace, name);
      const foreign = found && isForOther(found, pod);
      if (foreign) {
        const message = `ephemeral volume ${volume.name}: ${foreign}`;
        events.event(pod, 'Warning', 'FailedBinding', message, { component: COMPONENT });
      }
      if (found) continue;
      const { labels, annotations } = template.metadata ?? {};
      client.create('persistentvolumeclaims', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name,
          namespace,
          ...(labels && { labels }),
          ...(annotations && { annotations }),
          ownerReferences: [controllerRef(pod)],
        },
        spec: template.spec,
      } as PersistentVolumeClaim);
    }
  },
});
