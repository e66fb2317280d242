import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import { attachmentName, needsAttach } from '../../runtime/component-helpers/attachment.ts';
import { claimNames, isBound } from '../../runtime/component-helpers/volumes.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { isPodFinished } from '../shared/pods.ts';
import { ATTACHMENTS } from './attacher.ts';

const NAME = 'attachdetach-controller';
/** maxWaitForUnmountDuration: for so long a volume stays attached to a node that cannot say that it is unmounted, ms. */
const UNMOUNT_TIMEOUT = 360_000;
/** How long an external attacher may take, ms. */
const ATTACH_TIMEOUT = 120_000;
/** Marks the entries of the queue that look whether a time is over. */
const LATE = 'late:';

/** Section: what is known of attachments, by name. `refused`: its pods know that the volume is elsewhere. Others' stay as they are. */
const OPERATIONS = 'attachdetach/operations';
type Operation = { attaching: number } | { attached: true } | { detaching: number } | { refused: true };

const isReady = (node: Node): boolean =>
  (node.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
const isOutOfService = (node: Node): boolean =>
  (node.spec?.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/out-of-service');

/** IsPodTerminated: the pod has ended, or should and nothing of it runs any more. */
const isOver = (pod: Pod): boolean =>
  isPodFinished(pod) ||
  (pod.metadata.deletionTimestamp !== undefined &&
    (pod.status?.containerStatuses ?? []).every(({ state }) => state?.terminated ?? state?.waiting));

/** IsMultiAttachAllowed of a persistent volume. */
const isShared = ({ spec }: PersistentVolume): boolean =>
  !spec?.accessModes?.length || spec.accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');

const volumeOf = ({ spec }: VolumeAttachment): string => spec?.source.persistentVolumeName ?? '';

/** One look at a volume: where it should be attached, and where it is (pkg/controller/volume/attachdetach). */
class Attaching {
  private readonly pods: Pod[];
  private readonly attachments: VolumeAttachment[];

  constructor(
    private readonly world: ActorWorld,
    private readonly name: string,
    private readonly volume: PersistentVolume | undefined,
  ) {
    const { client } = world;
    const { name: claim, namespace } = volume?.spec?.claimRef ?? {};
    const users = claim ? client.list('pods', namespace) : [];
    this.pods = users.filter(
      (pod) => pod.spec?.nodeName && !isOver(pod) && claimNames(pod).some((one) => one.name === claim),
    );
    this.attachments = client.list(ATTACHMENTS).filter((one) => volumeOf(one) === name);
  }

  run(): void {
    const wanted = new Set(this.pods.map(({ spec }) => spec!.nodeName!));
    for (const attachment of this.attachments) if (!wanted.has(attachment.spec!.nodeName)) this.detach(attachment);
    const { volume, world } = this;
    if (!volume?.spec?.claimRef || !needsAttach(volume, world.client)) return;
    const { namespace = '', name = '' } = volume.spec.claimRef;
    const claim = world.client.get('persistentvolumeclaims', namespace, name);
    if (claim && isBound(claim)) for (const node of wanted) this.attach(volume, node);
  }

  private get operations() {
    return this.world.state.section<Operation>(OPERATIONS);
  }

  private tell(node: string, type: 'Normal' | 'Warning', message: string): void {
    const reason = type === 'Normal' ? 'SuccessfulAttachVolume' : 'FailedAttachVolume';
    for (const pod of this.pods)
      if (pod.spec!.nodeName === node) this.world.events.event(pod, type, reason, message, { component: NAME });
  }

  private attach(volume: PersistentVolume, node: string): void {
    const { client, now, wake } = this.world;
    const name = attachmentName(volume, node);
    const own = this.attachments.find(({ metadata }) => metadata.name === name);
    const operation = this.operations.get(name);
    if (own && !own.metadata.deletionTimestamp) return this.follow(own, volume, operation);
    const isElsewhere = this.attachments.some(({ spec }) => spec!.nodeName !== node);
    if (own || (isElsewhere && !isShared(volume))) {
      if (!own && !operation) this.refuse(name, node);
      return;
    }
    client.create(ATTACHMENTS, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name },
      spec: { attacher: volume.spec!.csi!.driver, nodeName: node, source: { persistentVolumeName: this.name } },
    } as VolumeAttachment);
    this.operations.set(name, { attaching: now() });
    wake(LATE + this.name, now() + ATTACH_TIMEOUT);
  }

  /** Waits until the attacher has done its work, and says so. */
  private follow({ metadata, spec, status }: VolumeAttachment, volume: PersistentVolume, operation?: Operation): void {
    if (!operation) return;
    const { now, wake } = this.world;
    const isBegun = 'attaching' in operation;
    if (status?.attached) {
      if (isBegun) this.tell(spec!.nodeName, 'Normal', `AttachVolume.Attach succeeded for volume "${this.name}" `);
      this.operations.set(metadata.name!, { attached: true });
      return;
    }
    if (!isBegun || now() < operation.attaching + ATTACH_TIMEOUT) return;
    const { driver, volumeHandle } = volume.spec!.csi!;
    const why = `timed out waiting for external-attacher of ${driver} CSI driver to attach volume ${volumeHandle}`;
    this.tell(spec!.nodeName, 'Warning', `AttachVolume.Attach failed for volume "${this.name}" : ${why}`);
    this.operations.set(metadata.name!, { attaching: now() });
    wake(LATE + this.name, now() + ATTACH_TIMEOUT);
  }

  /** reportMultiAttachError: once for a node. */
  private refuse(attachment: string, node: string): void {
    const users = this.pods.filter(({ spec }) => spec!.nodeName !== node).map(({ metadata }) => metadata.name);
    const why =
      users.length > 0
        ? `Volume is already used by pod(s) ${users.join(', ')}`
        : "Volume is already exclusively attached to one node and can't be attached to another";
    this.tell(node, 'Warning', `Multi-Attach error for volume "${this.name}" ${why}`);
    this.operations.set(attachment, { refused: true });
  }

  private detach({ metadata, spec }: VolumeAttachment): void {
    const name = metadata.name!;
    const operation = this.operations.get(name);
    if (metadata.deletionTimestamp || !operation) return;
    const { client, now, wake } = this.world;
    const node = client.get('nodes', '', spec!.nodeName);
    const since = 'detaching' in operation ? operation.detaching : now();
    // A kubelet that cannot be heard does not say that it has unmounted the volume.
    if (node && !isReady(node) && !isOutOfService(node) && now() < since + UNMOUNT_TIMEOUT) {
      this.operations.set(name, { detaching: since });
      return wake(LATE + this.name, since + UNMOUNT_TIMEOUT);
    }
    client.delete(ATTACHMENTS, '', name);
  }
}

const claimVolumes = (pod: Pod, { client }: ActorWorld): string[] =>
  claimNames(pod).flatMap(
    ({ name }) => client.get('persistentvolumeclaims', pod.metadata.namespace!, name)?.spec?.volumeName ?? [],
  );

/** Attaches volumes to the nodes whose pods use them, and detaches them again. */
export const attachDetachController: Actor = controller({
  name: NAME,
  watches: [
    { resource: 'pods', keys: ({ object }, world) => claimVolumes(object as Pod, world) },
    {
      resource: 'persistentvolumeclaims',
      keys: ({ object }) => [(object as PersistentVolumeClaim).spec?.volumeName ?? ''].filter(Boolean),
    },
    {
      resource: ATTACHMENTS,
      keys({ type, object }, { state }) {
        if (type === 'DELETED') state.section(OPERATIONS).delete(object.metadata.name!);
        return [volumeOf(object as VolumeAttachment)];
      },
    },
    {
      resource: 'nodes',
      keys: ({ type, object, previous }, { client }) => {
        const before = previous as Node | undefined;
        const node = object as Node;
        const isNews = !before || isReady(node) !== isReady(before) || isOutOfService(node) !== isOutOfService(before);
        if (type !== 'DELETED' && !isNews) return [];
        const attachments = client.list(ATTACHMENTS).filter(({ spec }) => spec?.nodeName === node.metadata.name);
        return attachments.map(volumeOf);
      },
    },
  ],
  reconcile(key, world) {
    const name = key.startsWith(LATE) ? key.slice(LATE.length) : key;
    if (name) new Attaching(world, name, world.client.get('persistentvolumes', '', name)).run();
  },
  settles: (key) => !key.startsWith(LATE),
});
