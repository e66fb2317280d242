import type { Container, PodSpec, PodTemplateSpec } from '../../../types/objects.ts';
import { visitContainers } from './visit-containers.ts';

function dropImageVolumes(spec: PodSpec): void {
  const images = new Set((spec.volumes ?? []).filter(({ image }) => image).map(({ name }) => name));
  if (images.size === 0) return;
  spec.volumes = spec.volumes?.filter(({ name }) => !images.has(name));
  for (const [container] of visitContainers(spec, ''))
    if (container.volumeMounts) container.volumeMounts = container.volumeMounts.filter(({ name }) => !images.has(name));
}

function dropOfContainer(container: Container): void {
  delete container.resources?.claims;
  const { lifecycle } = container;
  if (lifecycle?.stopSignal === undefined) return;
  delete lifecycle.stopSignal;
  if (!lifecycle.postStart && !lifecycle.preStop) delete container.lifecycle;
}

/** dropDisabledFields: what belongs to feature gates that are off by default in 1.33 never gets into the store. */
export function dropDisabledFields(spec: PodSpec | undefined): void {
  if (!spec) return;
  delete spec.resources;
  delete spec.resourceClaims;
  for (const [container] of visitContainers(spec, '')) dropOfContainer(container);
  for (const { projected } of spec.volumes ?? [])
    for (const source of projected?.sources ?? []) delete source.clusterTrustBundle;
  dropImageVolumes(spec);
}

/** The same of a workload's template. */
export const dropDisabledTemplateFields = (template: PodTemplateSpec | undefined): void =>
  dropDisabledFields(template?.spec);
