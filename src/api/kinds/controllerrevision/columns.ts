import type { ControllerRevision } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE } from '../shared/cells.ts';

function controller({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller);
  if (!owner) return NONE;
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

export const view: KindView<ControllerRevision> = {
  cells: { Controller: controller, Revision: ({ revision }) => revision },
};
