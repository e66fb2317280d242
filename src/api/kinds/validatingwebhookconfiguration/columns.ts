import type { V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Resource<V1ValidatingWebhookConfiguration>> = {
  cells: { Webhooks: ({ webhooks }) => webhooks?.length ?? 0 },
};
