import type { V1PodTemplate } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabels, templateCells } from '../shared/cells.ts';

type PodTemplate = Resource<V1PodTemplate>;
type Templated = Parameters<typeof templateCells.Containers>[0];

const asWorkload = ({ template }: PodTemplate) => ({ spec: { template } }) as unknown as Templated;

export const view: KindView<PodTemplate> = {
  cells: {
    Containers: (object) => templateCells.Containers(asWorkload(object)),
    Images: (object) => templateCells.Images(asWorkload(object)),
    'Pod Labels': ({ template }) => formatLabels(template?.metadata?.labels),
  },
};
