import type { V1ValidatingAdmissionPolicyBinding } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { duplicate, type FieldError, forbidden, notSupported, required } from '../../machinery/field-errors.ts';
import { defaultMatchResources, validateDnsName, validateMatchResources } from '../shared/admission-rules.ts';
import { each, oneOf } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/label-selector.ts';
import { generationOf, type KindRules } from '../shared/strategy.ts';

type Binding = Resource<V1ValidatingAdmissionPolicyBinding>;

const ACTIONS = ['Audit', 'Deny', 'Warn'];

function validateParamRef({ spec }: Binding): FieldError[] {
  const ref = spec?.paramRef;
  if (!ref) return [];
  const at = 'spec.paramRef';
  const errors: FieldError[] = [];
  if (ref.name && ref.selector) errors.push(forbidden(`${at}.name`, 'name and selector are mutually exclusive'));
  if (!ref.name && !ref.selector) errors.push(required(at, 'one of name or selector must be specified'));
  return [
    ...errors,
    ...validateLabelSelector(ref.selector, `${at}.selector`),
    ...oneOf(`${at}.parameterNotFoundAction`, ref.parameterNotFoundAction, ['Allow', 'Deny']),
  ];
}

function validateActions(actions: string[] | undefined): FieldError[] {
  const at = 'spec.validationActions';
  if (!actions?.length) return [required(at, 'at least one validation action is required')];
  return each(actions, at, (action, path, index) => {
    if (!ACTIONS.includes(action)) return [notSupported(path, action, ACTIONS)];
    return actions.indexOf(action) < index ? [duplicate(path, action)] : [];
  });
}

export const strategy: KindRules<Binding> = {
  resource: 'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  clusterScoped: true,
  setDefaults: ({ spec }) => defaultMatchResources(spec?.matchResources),
  ...generationOf('spec'),
  validate: (binding) => [
    ...validateDnsName('spec.policyName', binding.spec?.policyName),
    ...validateParamRef(binding),
    ...validateMatchResources(binding.spec?.matchResources, 'spec.matchResources'),
    ...validateActions(binding.spec?.validationActions),
  ],
};
