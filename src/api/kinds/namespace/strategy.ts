import { isQualifiedName } from '../../../base/names.ts';
import type { Namespace } from '../../../types/objects.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { invalidEach } from '../shared/checks.ts';
import { labelName, validateFinalizerName } from '../shared/object-meta.ts';
import type { KindRules } from '../shared/strategy.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';
const FINALIZER = 'kubernetes';
const POD_SECURITY = 'pod-security.kubernetes.io';
const MODES = ['enforce', 'audit', 'warn'];
const LEVELS = ['privileged', 'baseline', 'restricted'];

function setDefaults(namespace: Namespace): void {
  const { metadata } = namespace;
  if (metadata.name) metadata.labels = { ...metadata.labels, [NAME_LABEL]: metadata.name };
  namespace.spec ??= {};
  namespace.status ??= {};
  namespace.status.phase ||= 'Active';
}

/** What Pod Security admission refuses of a namespace's labels. */
function validatePolicy(namespace: Namespace): FieldError[] {
  const labels = namespace.metadata.labels ?? {};
  return MODES.flatMap((mode) => {
    const errors: FieldError[] = [];
    const level = labels[`${POD_SECURITY}/${mode}`];
    const version = labels[`${POD_SECURITY}/${mode}-version`];
    const at = (key: string) => `metadata.labels[${POD_SECURITY}/${key}]`;
    if (level !== undefined && !LEVELS.includes(level))
      errors.push(invalid(at(mode), level, `must be one of ${LEVELS.join(', ')}`));
    if (version !== undefined && version !== 'latest' && !/^v1\.(0|[1-9][0-9]*)$/.test(version))
      errors.push(invalid(at(`${mode}-version`), version, 'must be "latest" or "v1.x"'));
    return errors;
  });
}

const validateFinalizer = (name: string, path: string): FieldError[] => [
  ...invalidEach(path, name, isQualifiedName(name)),
  ...validateFinalizerName(name, path),
];

export const strategy: KindRules<Namespace> = {
  resource: 'namespaces',
  subresourceChecks: { finalize: ['metadata', 'changes'] },
  clusterScoped: true,
  nameRule: labelName,
  setDefaults,
  prepareForCreate: (namespace) => {
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { finalizers: finalizers.includes(FINALIZER) ? finalizers : [...finalizers, FINALIZER] };
  },
  prepareForUpdate: (namespace, old) => {
    namespace.spec = old.spec;
    namespace.status = old.status;
  },
  validate: (namespace) => [
    ...(namespace.spec?.finalizers ?? []).flatMap((name) => validateFinalizer(name, 'spec.finalizers')),
    ...validatePolicy(namespace),
  ],
  validateSubresource: {
    finalize: ({ spec }) =>
      (spec?.finalizers ?? []).flatMap((name, index) => validateFinalizer(name, `spec.finalizers[${index}]`)),
  },
  validateStatusUpdate: ({ metadata, status }) => {
    const expected = metadata.deletionTimestamp ? 'Terminating' : 'Active';
    if (status?.phase === expected) return [];
    const empty = metadata.deletionTimestamp ? 'not empty' : 'empty';
    return [
      invalid('status.Phase', status?.phase ?? '', `may only be '${expected}' if \`deletionTimestamp\` is ${empty}`),
    ];
  },
};
