import type { V1FlowSchema } from '@kubernetes/client-node';
import { isDns1123Label, isDns1123Subdomain } from '../../../base/names.ts';
import { type FieldError, forbidden, notSupported, required } from '../../machinery/field-errors.ts';
import { invalidEach } from '../shared/checks.ts';

type Rule = NonNullable<NonNullable<V1FlowSchema['spec']>['rules']>[number];
type Subject = Rule['subjects'][number];

const ALL = '*';
/** Kinds of subjects, and the field that describes each; fields in the order of their errors. */
const KINDS = { serviceAccount: 'ServiceAccount', user: 'User', group: 'Group' } as const;
type SubjectField = keyof typeof KINDS;

function validateNamed(subject: Subject, field: SubjectField, path: string): FieldError[] {
  const given = subject[field] as { name?: string; namespace?: string } | undefined;
  if (!given) return [required(path, `${field} is required when subject kind is '${KINDS[field]}'`)];
  const { name, namespace } = given;
  if (field !== 'serviceAccount') return name ? [] : [required(`${path}.name`)];
  const errors = !name
    ? [required(`${path}.name`)]
    : name === ALL
      ? []
      : invalidEach(`${path}.name`, name, isDns1123Subdomain(name));
  return [
    ...errors,
    ...(namespace
      ? invalidEach(`${path}.namespace`, namespace, isDns1123Label(namespace))
      : [required(`${path}.namespace`, 'must specify namespace for service account')]),
  ];
}

/** ValidateFlowSchemaSubject */
export function validateSubject(subject: Subject, path: string): FieldError[] {
  const fields = Object.keys(KINDS) as SubjectField[];
  const own = fields.find((field) => KINDS[field] === subject.kind);
  if (!own) return [notSupported(`${path}.kind`, subject.kind ?? '', ['Group', 'ServiceAccount', 'User'])];
  return [
    ...validateNamed(subject, own, `${path}.${own}`),
    ...fields
      .filter((field) => field !== own && subject[field])
      .map((field) =>
        forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${KINDS[field]}'`),
      ),
  ];
}
