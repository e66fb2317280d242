import type { V1MutatingWebhookConfiguration } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Resource<V1MutatingWebhookConfiguration>> = {
  cells: { Webhooks: ({ webhooks }) => webhooks?.length ?? 0 },
};
