import type { V1RuntimeClass } from '@kubernetes/client-node';
import { goQuote } from '../../../base/go-quote.ts';
import type { Resource } from '../../../types/objects.ts';
import { duplicate, type FieldError } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, immutable, label1123 } from '../shared/checks.ts';
import { deprecatedLabel } from '../shared/node-label-warnings.ts';
import { validateLabels } from '../shared/object-meta.ts';
import { validateResources } from '../shared/resources.ts';
import { validateTolerations } from '../shared/scheduling.ts';
import type { KindRules } from '../shared/strategy.ts';

type RuntimeClass = Resource<V1RuntimeClass>;
type Scheduling = NonNullable<V1RuntimeClass['scheduling']>;
type Toleration = NonNullable<Scheduling['tolerations']>[number];

const goToleration = ({ key = '', operator = '', value = '', effect = '', tolerationSeconds }: Toleration): GoSyntax =>
  new GoSyntax(
    `core.Toleration{Key:${goQuote(key)}, Operator:${goQuote(operator)}, Value:${goQuote(value)}, Effect:${goQuote(effect)}, TolerationSeconds:(*int64)(${tolerationSeconds === undefined ? 'nil' : '0xc000a1e2d0'})}`,
  );

/** The rules of tolerations are reported a step too deep, as the real one does. */
function validateScheduling({ nodeSelector, tolerations = [] }: Scheduling): FieldError[] {
  const at = 'scheduling.tolerations';
  const keys = tolerations.map(({ key, operator, value, effect }) => [key, operator, value, effect].join('\n'));
  return [
    ...validateLabels(nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(tolerations, `${at}.tolerations`),
    ...each(tolerations, at, (toleration, path, index) =>
      keys.indexOf(keys[index]!) < index ? [duplicate(path, goToleration(toleration))] : [],
    ),
  ];
}

export const strategy: KindRules<RuntimeClass> = {
  resource: 'runtimeclasses.node.k8s.io',
  clusterScoped: true,
  createsOnUpdate: true,
  needsVersion: true,
  validate: ({ handler, overhead, scheduling }) => [
    ...label1123('handler', handler ?? ''),
    ...(overhead ? validateResources({ limits: overhead.podFixed }, 'overhead') : []),
    ...(scheduling ? validateScheduling(scheduling) : []),
  ],
  validateUpdate: ({ handler }, { handler: old }) => immutable('handler', handler, old),
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const deprecated = deprecatedLabel(key);
      return deprecated ? [`scheduling.nodeSelector: ${deprecated}`] : [];
    }),
};
