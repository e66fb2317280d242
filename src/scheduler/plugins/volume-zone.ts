import { claimsOf, isBound } from '../../runtime/component-helpers/volumes.ts';
import type { PersistentVolume } from '../../types/objects.ts';
import { type FilterPlugin, labelsOf } from '../framework.ts';

/** The labels that say where a volume is, and under which one a node says it today. */
const LABELS: Record<string, string> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};

/** Where a volume may be used: `a__b` stands for two zones. */
const placesOf = ({ metadata }: PersistentVolume): [label: string, values: string[]][] =>
  Object.entries(metadata.labels ?? {})
    .filter(([label]) => label in LABELS)
    .map(([label, value]) => [label, value.split('__')]);

/** VolumeZone: volumes with a zone's or a region's label are for its nodes alone. */
export const volumeZone: FilterPlugin = {
  name: 'VolumeZone',
  wakes: ['volumes'],
  prepare({ pod, client }) {
    const places = claimsOf(pod, client)
      .filter(isBound)
      .flatMap(({ spec }) => client.get('persistentvolumes', '', spec!.volumeName!) ?? [])
      .flatMap(placesOf);
    if (places.length === 0) return undefined;
    return (node) => {
      const labels = labelsOf(node);
      if (!Object.keys(LABELS).some((label) => label in labels)) return undefined;
      const isThere = ([label, values]: [string, string[]]) =>
        values.includes(labels[label] ?? labels[LABELS[label]!] ?? '');
      return places.every(isThere)
        ? undefined
        : { reasons: ['node(s) had no available volume zone'], unresolvable: true };
    };
  },
};
