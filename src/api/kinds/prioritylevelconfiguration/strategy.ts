import type { V1PriorityLevelConfiguration } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { validateFixed, validateTypes } from '../shared/flow-control.ts';
import { ALL_METADATA, type KindRules, SPEC_AND_METADATA, withStatus } from '../shared/strategy.ts';

type PriorityLevel = Resource<V1PriorityLevelConfiguration>;

function setDefaults({ spec }: PriorityLevel): void {
  if (spec?.exempt) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  if (!spec?.limited) return;
  spec.limited.nominalConcurrencyShares ??= 30;
  spec.limited.lendablePercent ??= 0;
  const queuing = spec.limited.limitResponse?.queuing;
  if (!queuing) return;
  queuing.handSize ||= 8;
  queuing.queues ||= 64;
  queuing.queueLengthLimit ||= 50;
}

type Spec = NonNullable<PriorityLevel['spec']>;
type Queuing = NonNullable<NonNullable<NonNullable<Spec['limited']>['limitResponse']>['queuing']>;

const AT = 'spec.limited';
const RESPONSE = `${AT}.limitResponse`;
const MAX_QUEUES = 10_000_000;
const MAX_HASH_BITS = 60;
const FIXED = { struct: 'flowcontrol.PriorityLevelConfigurationSpec' };

const percent = (value: number | undefined, at: string): FieldError[] =>
  value !== undefined && (value < 0 || value > 100) ? [invalid(at, value, 'must be between 0 and 100, inclusive')] : [];

const shares = (value: number | undefined, at: string): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(at, value, 'must be a non-negative integer')] : [];

/** Hands are dealt by a hash of so many bits. */
const entropyBits = (queues: number, hand: number): number => Math.ceil(Math.log2(queues) * hand);

function validateHand(hand: number, queues: number): string | undefined {
  if (hand <= 0) return 'must be positive';
  if (hand > queues) return `should not be greater than queues (${queues})`;
  return entropyBits(queues, hand) > MAX_HASH_BITS
    ? `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${MAX_HASH_BITS}`
    : undefined;
}

function validateQueuing({ queueLengthLimit = 0, queues = 0, handSize = 0 }: Queuing): FieldError[] {
  const at = `${RESPONSE}.queuing`;
  const hand = validateHand(handSize, queues);
  return [
    ...(queueLengthLimit > 0 ? [] : [invalid(`${at}.queueLengthLimit`, queueLengthLimit, 'must be positive')]),
    ...(queues > 0 ? [] : [invalid(`${at}.queues`, queues, 'must be positive')]),
    ...(queues > MAX_QUEUES ? [invalid(`${at}.queues`, queues, `must not be greater than ${MAX_QUEUES}`)] : []),
    ...(hand ? [invalid(`${at}.handSize`, handSize, hand)] : []),
  ];
}

function validateResponse({
  type = '',
  queuing,
}: Partial<NonNullable<Spec['limited']>['limitResponse']> = {}): FieldError[] {
  const at = `${RESPONSE}.queuing`;
  if (type === 'Reject')
    return queuing ? [forbidden(at, 'must be nil if limited.limitResponse.type is not Limited')] : [];
  if (type !== 'Queue') return [notSupported(`${RESPONSE}.type`, type, ['Queue', 'Reject'])];
  return queuing
    ? validateQueuing(queuing)
    : [required(at, 'must not be empty if limited.limitResponse.type is Limited')];
}

function validateSpec({ type = '', limited, exempt }: Partial<Spec>): FieldError[] {
  if (type === 'Exempt')
    return [
      ...(limited ? [forbidden(AT, 'must be nil if the type is not Limited')] : []),
      ...shares(exempt?.nominalConcurrencyShares, 'spec.exempt.nominalConcurrencyShares'),
      ...percent(exempt?.lendablePercent, 'spec.exempt.lendablePercent'),
    ];
  if (type !== 'Limited') return [notSupported('spec.type', type, ['Exempt', 'Limited'])];
  const errors = exempt ? [forbidden('spec.exempt', 'must be nil if the type is Limited')] : [];
  if (!limited) return [...errors, required(AT, 'must not be empty when type is Limited')];
  const { borrowingLimitPercent: borrowing } = limited;
  return [
    ...errors,
    ...shares(limited.nominalConcurrencyShares, `${AT}.nominalConcurrencyShares`),
    ...validateResponse(limited.limitResponse),
    ...percent(limited.lendablePercent, `${AT}.lendablePercent`),
    ...(borrowing !== undefined && borrowing < 0
      ? [invalid(`${AT}.borrowingLimitPercent`, borrowing, 'if specified, must be a non-negative integer')]
      : []),
  ];
}

function validate({ metadata, spec = {} as Spec }: PriorityLevel): FieldError[] {
  const named = metadata.name === 'exempt';
  const errors =
    named === (spec.type === 'Exempt')
      ? []
      : [invalid('spec.type', spec.type ?? '', "type must be 'Exempt' if and only if name is 'exempt'")];
  return [...errors, ...validateSpec(spec)];
}

export const strategy: KindRules<PriorityLevel> = {
  resource: 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
  updateChecks: ['object', 'changes'],
  subresourceChecks: { status: ['changes'] },
  statusKeeps: ALL_METADATA,
  resetFields: SPEC_AND_METADATA,
  clusterScoped: true,
  setDefaults,
  ...withStatus(() => ({})),
  validate,
  validateUpdate: (level, old) => [
    ...validateFixed(level, old, { ...FIXED, names: ['exempt'], free: 'exempt' }),
    ...validateFixed(level, old, { ...FIXED, names: ['catch-all'] }),
  ],
  validateStatusUpdate: ({ status }) => validateTypes(status?.conditions),
};
