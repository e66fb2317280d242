import type { KubeObject } from '../../../types/objects.ts';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Modes by their short names, in the order that they are listed. */
const MODES: [mode: string, short: string][] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** helper.GetAccessModesAsString: `RWO,ROX` */
export const accessModes = (modes: string[] = []): string =>
  MODES.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');

/** The storage class of a claim or a volume; the old annotation goes first. */
export const classOf = (object: KubeObject & { spec?: { storageClassName?: string } }): string =>
  object.metadata.annotations?.[CLASS_ANNOTATION] ?? object.spec?.storageClassName ?? '';
