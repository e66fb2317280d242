import type { CoreEvent } from '../../../types/objects.ts';
import { invalid } from '../../machinery/field-errors.ts';
import type { KindRules } from '../shared/strategy.ts';

const DEFAULT_NAMESPACE = 'default';

export const strategy: KindRules<CoreEvent> = {
  resource: 'events',
  validate: ({ involvedObject, metadata }) => {
    const regarding = involvedObject?.namespace ?? '';
    const fits =
      regarding === ''
        ? [DEFAULT_NAMESPACE, 'kube-system'].includes(metadata.namespace ?? '')
        : regarding === metadata.namespace;
    return fits ? [] : [invalid('involvedObject.namespace', regarding, 'does not match event.namespace')];
  },
};
