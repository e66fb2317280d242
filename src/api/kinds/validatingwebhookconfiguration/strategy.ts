import type { V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { defaultWebhook, validateWebhooks, type Webhook } from '../shared/admission-rules.ts';
import { type KindRules, strictGenerationOf } from '../shared/strategy.ts';

export const strategy: KindRules<Resource<V1ValidatingWebhookConfiguration>> = {
  resource: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
  updateChecks: ['object', 'changes'],
  needsVersion: true,
  clusterScoped: true,
  setDefaults: ({ webhooks }) => {
    for (const webhook of webhooks ?? []) defaultWebhook(webhook as Webhook, false);
  },
  ...strictGenerationOf('webhooks'),
  validate: ({ webhooks }, _, old) =>
    validateWebhooks(webhooks as Webhook[] | undefined, old && ((old.webhooks ?? []) as Webhook[])),
};
