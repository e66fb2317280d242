import type { V1APIService } from '@kubernetes/client-node';
import { isDns1035Label, isPortNumber } from '../../../base/names.ts';
import { formatTime } from '../../../base/time.ts';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { each, invalidEach, subdomain1123 } from '../shared/checks.ts';
import { pathSegmentName } from '../shared/object-meta.ts';
import { type KindRules, SPEC_AND_METADATA, USERS_METADATA } from '../shared/strategy.ts';

type APIService = Resource<V1APIService>;

function validate({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum: priority = 0, versionPriority = 0 } = spec ?? {};
  const expected = `${version}.${group}`;
  const errors: FieldError[] =
    metadata.name === expected || pathSegmentName(metadata.name ?? '', false).length > 0
      ? []
      : [invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: "${expected}"`)];
  if (!group && version !== 'v1')
    errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  if (group) errors.push(...subdomain1123('spec.group', group));
  errors.push(...invalidEach('spec.version', version, isDns1035Label(version)));
  if (priority <= 0 || priority > 20_000)
    errors.push(invalid('spec.groupPriorityMinimum', priority, 'must be positive and less than 20000'));
  if (versionPriority <= 0 || versionPriority > 1000)
    errors.push(invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
  if (!spec?.service) {
    const bytes = Buffer.byteLength(spec?.caBundle ?? '', 'base64');
    if (bytes > 0) errors.push(invalid('spec.caBundle', `${bytes} bytes`, 'local APIServices may not have a caBundle'));
    if (spec?.insecureSkipTLSVerify)
      errors.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  if (!spec.service.namespace) errors.push(required('spec.service.namespace'));
  if (!spec.service.name) errors.push(required('spec.service.name'));
  const { port = 0 } = spec.service;
  const wrong = isPortNumber(port);
  if (wrong.length > 0) errors.push(invalid('spec.service.port', port, `port is not valid: ${wrong.join(', ')}`));
  if (spec.insecureSkipTLSVerify && spec.caBundle)
    errors.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  return errors;
}

const STATUSES = ['True', 'False', 'Unknown'];

/** What the API server itself serves is there at once. */
const localCondition = (now: number) => ({
  type: 'Available',
  status: 'True',
  lastTransitionTime: formatTime(now),
  reason: 'Local',
  message: 'Local APIServices are always available',
});

export const strategy: KindRules<APIService> = {
  resource: 'apiservices.apiregistration.k8s.io',
  updateChecks: ['metadata', 'object', 'changes'],
  statusKeeps: USERS_METADATA,
  resetFields: SPEC_AND_METADATA,
  clusterScoped: true,
  needsVersion: true,
  nameRule: pathSegmentName,
  setDefaults: ({ spec }) => {
    if (spec?.service) spec.service.port ??= 443;
  },
  prepareForCreate: (service, context) => {
    service.status = service.spec?.service ? {} : { conditions: [localCondition(context.now())] };
  },
  prepareForUpdate: (service, old) => {
    service.status = old.status;
  },
  validate,
  validateStatusUpdate: ({ status }) =>
    each(status?.conditions, 'status.conditions', ({ status: value = '' }, at) =>
      STATUSES.includes(value) ? [] : [notSupported(`${at}.status`, value, STATUSES)],
    ),
};
