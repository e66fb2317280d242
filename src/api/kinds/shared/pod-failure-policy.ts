import { goQuoteList } from '../../../base/go-quote.ts';
import type { Job } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  OMITTED,
  required,
  tooMany,
} from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, qualifiedName } from './checks.ts';
import type { GoStructType } from './go-struct.ts';

type JobSpec = NonNullable<Job['spec']>;
type Rule = NonNullable<JobSpec['podFailurePolicy']>['rules'][number];
type ExitCodes = NonNullable<Rule['onExitCodes']>;

const MAX_RULES = 20;
const MAX_PATTERNS = 20;
const MAX_EXIT_CODES = 255;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];

/** batch.PodFailurePolicy */
export const POD_FAILURE_POLICY: GoStructType = {
  name: 'batch.PodFailurePolicy',
  fields: [
    [
      'Rules',
      'rules',
      '[]batch.PodFailurePolicyRule(nil)',
      {
        name: 'batch.PodFailurePolicyRule',
        fields: [
          ['Action', 'action', '""'],
          ['OnExitCodes', 'onExitCodes', '(*batch.PodFailurePolicyOnExitCodesRequirement)(nil)'],
          [
            'OnPodConditions',
            'onPodConditions',
            '[]batch.PodFailurePolicyOnPodConditionsPattern(nil)',
            {
              name: 'batch.PodFailurePolicyOnPodConditionsPattern',
              fields: [
                ['Type', 'type', '""'],
                ['Status', 'status', '""'],
              ],
            },
          ],
        ],
      },
    ],
  ],
};

/** One of `known`, which the message of a missing one lists too. */
function choice(value: string | undefined, known: readonly string[], path: string): FieldError[] {
  if (!value) return [required(path, `valid values: ${goQuoteList(known)}`)];
  return known.includes(value) ? [] : [notSupported(path, value, known)];
}

function validateAction(action: string | undefined, spec: JobSpec, path: string): FieldError[] {
  if (action !== 'FailIndex') return choice(action, ACTIONS, path);
  return spec.backoffLimitPerIndex === undefined
    ? [invalid(path, action, 'requires the backoffLimitPerIndex to be set')]
    : [];
}

const goNumbers = (values: number[] | undefined) =>
  new GoSyntax(`[]int32${values ? `{${values.join(', ')}}` : '(nil)'}`);

function validateExitCodes(rule: ExitCodes, names: Set<string>, path: string): FieldError[] {
  const { operator, containerName } = rule;
  const values = rule.values ?? [];
  const errors = choice(operator, OPERATORS, `${path}.operator`);
  if (containerName !== undefined && !names.has(containerName))
    errors.push(
      invalid(
        `${path}.containerName`,
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  const at = `${path}.values`;
  if (values.length === 0) errors.push(invalid(at, goNumbers(rule.values), 'at least one value is required'));
  else if (values.length > MAX_EXIT_CODES) errors.push(tooMany(at, values.length, MAX_EXIT_CODES));
  errors.push(
    ...each(values, at, (value, valuePath, index) => [
      ...(operator === 'In' && value === 0 ? [invalid(valuePath, value, 'must not be 0 for the In operator')] : []),
      ...(values.indexOf(value) < index ? [duplicate(valuePath, value)] : []),
    ]),
  );
  if (values.some((value, index) => index > 0 && values[index - 1]! > value))
    errors.push(invalid(at, goNumbers(rule.values), 'must be ordered'));
  return errors;
}

function validateRule(rule: Rule, spec: JobSpec, names: Set<string>, path: string): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const errors = validateAction(action, spec, `${path}.action`);
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, names, `${path}.onExitCodes`));
  const at = `${path}.onPodConditions`;
  if (onPodConditions.length > MAX_PATTERNS) errors.push(tooMany(at, onPodConditions.length, MAX_PATTERNS));
  errors.push(
    ...each(onPodConditions, at, ({ type, status }, patternPath) => [
      ...qualifiedName(`${patternPath}.type`, type ?? ''),
      ...choice(status, STATUSES, `${patternPath}.status`),
    ]),
  );
  const both = onExitCodes && onPodConditions.length > 0;
  if (both) errors.push(invalid(path, OMITTED, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && onPodConditions.length === 0)
    errors.push(invalid(path, OMITTED, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

/** validatePodFailurePolicy */
export function validatePodFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const { containers, initContainers } = spec.template.spec ?? {};
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  return [
    ...(rules.length > MAX_RULES ? [tooMany(`${path}.rules`, rules.length, MAX_RULES)] : []),
    ...each(rules, `${path}.rules`, (rule, at) => validateRule(rule, spec, names, at)),
  ];
}
