import type { V1ValidatingAdmissionPolicyBinding } from '@kubernetes/client-node';
import { isPathSegmentName } from '../../../base/names.ts';
import type { Resource } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { defaultMatchResources, validateDnsName, validateMatchResources } from '../shared/admission-rules.ts';
import { each, invalidEach, oneOf } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/label-selector.ts';
import { generationOf, type KindRules } from '../shared/strategy.ts';

type Binding = Resource<V1ValidatingAdmissionPolicyBinding>;

const ACTIONS = ['Audit', 'Deny', 'Warn'];

const EXCLUSIVE = 'name and selector are mutually exclusive';

function validateParamRef({ spec }: Binding): FieldError[] {
  const ref = spec?.paramRef;
  if (!ref) return [];
  const at = 'spec.paramRef';
  const { name, selector, parameterNotFoundAction } = ref;
  return [
    ...(name ? invalidEach(`${at}.name`, name, isPathSegmentName(name)) : []),
    ...(name && selector ? [forbidden(`${at}.name`, EXCLUSIVE)] : []),
    ...validateLabelSelector(selector, `${at}.selector`),
    ...(name && selector ? [forbidden(`${at}.selector`, EXCLUSIVE)] : []),
    ...(name || selector ? [] : [required(at, 'one of name or selector must be specified')]),
    ...oneOf(`${at}.parameterNotFoundAction`, parameterNotFoundAction, ['Deny', 'Allow']),
  ];
}

function validateActions(actions: string[] | undefined): FieldError[] {
  const at = 'spec.validationActions';
  if (!actions?.length) return [required(at, 'at least one validation action is required')];
  const errors = each(actions, at, (action, path, index) => [
    ...(ACTIONS.includes(action) ? [] : [notSupported(path, action, ACTIONS)]),
    ...(actions.indexOf(action) < index ? [duplicate(path, action)] : []),
  ]);
  if (!actions.includes('Deny') || !actions.includes('Warn')) return errors;
  const shown = new GoSyntax(goStrings(actions).text.replace('[]string', '[]admissionregistration.ValidationAction'));
  return [
    ...errors,
    invalid(
      at,
      shown,
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ),
  ];
}

export const strategy: KindRules<Binding> = {
  resource: 'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  updateChecks: ['object', 'changes'],
  needsVersion: true,
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
