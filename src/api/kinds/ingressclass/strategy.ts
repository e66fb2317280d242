import type { V1IngressClass } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, forbidden, notSupported, required, tooLong } from '../../machinery/field-errors.ts';
import { immutable, label1123 } from '../shared/checks.ts';
import { domainPrefixedPath } from '../shared/domains.ts';
import { validateLocalReference } from '../shared/local-reference.ts';
import { generationOf, type KindRules } from '../shared/strategy.ts';

type IngressClass = Resource<V1IngressClass>;

const MAX_CONTROLLER = 250;
const SCOPES = ['Cluster', 'Namespace'];

function validateParameters({ spec }: IngressClass): FieldError[] {
  const parameters = spec?.parameters;
  if (!parameters) return [];
  const at = 'spec.parameters';
  const errors = validateLocalReference(parameters, at);
  const { scope, namespace } = parameters;
  if (scope === undefined) return [...errors, required(`${at}.scope`)];
  if (!SCOPES.includes(scope)) return [...errors, notSupported(`${at}.scope`, scope, SCOPES)];
  if (scope === 'Cluster')
    return namespace === undefined
      ? errors
      : [...errors, forbidden(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'")];
  if (namespace === undefined)
    return [...errors, required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'")];
  return [...errors, ...label1123(`${at}.namespace`, namespace)];
}

export const strategy: KindRules<IngressClass> = {
  resource: 'ingressclasses.networking.k8s.io',
  updateChecks: ['metadata', 'changes', 'object'],
  clusterScoped: true,
  setDefaults: ({ spec }) => {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  ...generationOf('spec'),
  validate: (ingressClass) => {
    const { controller = '' } = ingressClass.spec ?? {};
    return [
      ...(controller.length > MAX_CONTROLLER ? [tooLong('spec.controller', '', MAX_CONTROLLER)] : []),
      ...domainPrefixedPath('spec.controller', controller),
      ...validateParameters(ingressClass),
    ];
  },
  validateUpdate: ({ spec }, { spec: old }) => immutable('spec.controller', spec?.controller ?? '', old?.controller),
};
