import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { VolumeAttachment } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';

export const ATTACHMENTS = 'volumeattachments.storage.k8s.io';
/** What a cloud takes to attach a disk to a machine, and to take it off, ms. */
const ATTACHING = 4_000;
const DETACHING = 3_000;
/** Marks the entries of the queue whose work is done. */
const DONE = 'done:';

const finalizerOf = ({ spec }: VolumeAttachment): string => `external-attacher/${spec!.attacher.replaceAll('.', '-')}`;

function begin(attachment: VolumeAttachment, { client, wake, now }: ActorWorld): void {
  const { name = '', deletionTimestamp, finalizers = [], annotations } = attachment.metadata;
  const finalizer = finalizerOf(attachment);
  if (deletionTimestamp) return finalizers.includes(finalizer) ? wake(DONE + name, now() + DETACHING) : undefined;
  if (attachment.status?.attached || !client.get('csidrivers.storage.k8s.io', '', attachment.spec!.attacher)) return;
  if (!finalizers.includes(finalizer)) {
    const metadata = {
      ...attachment.metadata,
      annotations: { ...annotations, 'csi.alpha.kubernetes.io/node-id': attachment.spec!.nodeName },
      finalizers: [...finalizers, finalizer],
    };
    client.update(ATTACHMENTS, { ...attachment, metadata });
  }
  wake(DONE + name, now() + ATTACHING);
}

function end(attachment: VolumeAttachment, { client }: ActorWorld): void {
  const { deletionTimestamp, finalizers = [] } = attachment.metadata;
  if (!deletionTimestamp) {
    if (!attachment.status?.attached) client.updateStatus(ATTACHMENTS, { ...attachment, status: { attached: true } });
    return;
  }
  const left = finalizers.filter((one) => one !== finalizerOf(attachment));
  client.update(ATTACHMENTS, { ...attachment, metadata: { ...attachment.metadata, finalizers: left } });
}

/** The external attachers of all CSI drivers that the cluster has: they do what VolumeAttachments ask for. */
export const csiAttacher: Actor = controller({
  name: 'csi-attacher',
  watches: [{ resource: ATTACHMENTS, keys: ({ type, object }) => (type === 'DELETED' ? [] : [object.metadata.name!]) }],
  reconcile(key, world) {
    const isDone = key.startsWith(DONE);
    const attachment = world.client.get(ATTACHMENTS, '', isDone ? key.slice(DONE.length) : key);
    if (attachment) (isDone ? end : begin)(attachment, world);
  },
});
