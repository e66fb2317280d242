import type { V1FlowSchema } from '@kubernetes/client-node';
import { goQuote } from '../../../base/go-quote.ts';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, subdomain1123 } from '../shared/checks.ts';
import { validateFixed, validateTypes } from '../shared/flow-control.ts';
import { ALL_METADATA, type KindRules, SPEC_AND_METADATA, withStatus } from '../shared/strategy.ts';
import { validateRule } from './rules.ts';

type FlowSchema = Resource<V1FlowSchema>;

const DEFAULT_PRECEDENCE = 1000;
const MAX_PRECEDENCE = 10_000;
const DISTINGUISHERS = ['ByNamespace', 'ByUser'];
const FIXED = { names: ['exempt', 'catch-all'], struct: 'flowcontrol.FlowSchemaSpec' };

function validatePrecedence(precedence: number, name: string | undefined): FieldError[] {
  const refuse = (detail: string) => [invalid('spec.matchingPrecedence', precedence, detail)];
  if (precedence <= 0) return refuse('must be a positive value');
  if (precedence > MAX_PRECEDENCE) return refuse(`must not be greater than ${MAX_PRECEDENCE}`);
  return precedence === 1 && name !== 'exempt'
    ? refuse("only the schema named 'exempt' may have matchingPrecedence 1")
    : [];
}

function validate({ metadata, spec }: FlowSchema): FieldError[] {
  const { distinguisherMethod: method, priorityLevelConfiguration: level } = spec ?? {};
  const at = 'spec.priorityLevelConfiguration.name';
  return [
    ...validatePrecedence(spec?.matchingPrecedence ?? 0, metadata.name),
    ...(method && !DISTINGUISHERS.includes(method.type)
      ? [
          notSupported(
            'spec.distinguisherMethod.type',
            new GoSyntax(`flowcontrol.FlowDistinguisherMethod{Type:${goQuote(method.type ?? '')}}`),
            DISTINGUISHERS,
          ),
        ]
      : []),
    ...(level?.name ? subdomain1123(at, level.name) : [required(at, 'must reference a priority level')]),
    ...each(spec?.rules, 'spec.rules', validateRule),
  ];
}

export const strategy: KindRules<FlowSchema> = {
  resource: 'flowschemas.flowcontrol.apiserver.k8s.io',
  updateChecks: ['object', 'changes'],
  subresourceChecks: { status: ['changes'] },
  statusKeeps: ALL_METADATA,
  resetFields: SPEC_AND_METADATA,
  clusterScoped: true,
  setDefaults: ({ spec }) => {
    if (spec) spec.matchingPrecedence ||= DEFAULT_PRECEDENCE;
  },
  ...withStatus(() => ({})),
  validate,
  validateUpdate: (schema, old) => validateFixed(schema, old, FIXED),
  validateStatusUpdate: ({ status }) => validateTypes(status?.conditions),
};
