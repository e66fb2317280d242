import type { V1PodTemplate } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { validatePodTemplate } from '../shared/pod-spec.ts';
import { templateWarnings } from '../shared/pod-warnings.ts';
import { generationOf, type KindRules, withTemplate } from '../shared/strategy.ts';

export const strategy: KindRules<Resource<V1PodTemplate>> = {
  resource: 'podtemplates',
  updateChecks: ['metadata', 'spec', 'changes'],
  setDefaults: (object) => {
    object.template ??= {};
    defaultPodTemplate(object.template);
  },
  ...withTemplate(generationOf('template'), ({ template }) => template),
  validate: ({ template }) => validatePodTemplate(template, 'template'),
  warnings: ({ template, metadata }, old) =>
    old && old.metadata.generation === metadata.generation ? [] : templateWarnings(template, 'template'),
};
