import { Quantity } from '../../base/quantity.ts';
import type { State } from '../../store/section.ts';
import { type ContainerRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { type LayerEntry, layerSize } from '../files/layer.ts';
import { CONTAINER_DISK } from './pressure.ts';

const RESOURCE = 'ephemeral-storage';

type Limits = { name: string; limit: Quantity }[];

/** The limits of a pod's containers on what they write, those that are set. */
const limitsOf = (pod: Pod): Limits =>
  pod.spec!.containers.flatMap(({ name, resources }) => {
    const limit = resources?.limits?.[RESOURCE];
    return limit ? [{ name, limit: Quantity.parse(limit) }] : [];
  });

const emptyDirsOf = (pod: Pod) =>
  (pod.spec?.volumes ?? []).flatMap(({ name, emptyDir }) => (emptyDir ? [{ name, ...emptyDir }] : []));

/** Whether a pod may be evicted for what it writes on its node's disk. */
export const isLimited = (pod: Pod): boolean =>
  limitsOf(pod).length > 0 || emptyDirsOf(pod).some(({ sizeLimit }) => sizeLimit !== undefined);

/** Which limit a pod's files exceed, in the words of the eviction manager (localStorageEviction). */
export function exceededLimit(state: State, pod: Pod, records: ContainerRecord[]): string | undefined {
  const section = state.section<LayerEntry>(RUNTIME_SECTIONS.files);
  const volumes = emptyDirsOf(pod).map((volume) => ({
    ...volume,
    used: layerSize(section, `${pod.metadata.uid}/${volume.name}`),
  }));
  for (const { name, sizeLimit, used } of volumes) {
    const limit = Quantity.parse(sizeLimit ?? '0').value();
    if (limit > 0 && used > limit) return `Usage of EmptyDir volume "${name}" exceeds the limit "${sizeLimit}". `;
  }
  const limits = limitsOf(pod);
  if (limits.length === 0) return undefined;
  const own = records.map(({ id, name }) => ({ name, used: CONTAINER_DISK + layerSize(section, id) }));
  const onDisk = volumes.filter(({ medium }) => medium !== 'Memory');
  const total = [...own, ...onDisk].reduce((sum, { used }) => sum + used, 0);
  const all = limits.reduce((sum, { limit }) => sum.add(limit), Quantity.of(0, limits[0]!.limit.format));
  if (total > all.value())
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${all.toString()}. `;
  const over = limits.find(({ name, limit }) => own.some((one) => one.name === name && one.used > limit.value()));
  return over && `Container ${over.name} exceeded its local ephemeral storage limit "${over.limit.toString()}". `;
}
