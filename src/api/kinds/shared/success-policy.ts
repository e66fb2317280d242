import type { Job } from '../../../types/objects.ts';
import { type FieldError, invalid, required, tooLong, tooMany } from '../../machinery/field-errors.ts';
import { each, nonNegative } from './checks.ts';
import { type GoStructType, goStructSyntax } from './go-struct.ts';
import { type Indexes, parseIndexes } from './indexes.ts';

type JobSpec = NonNullable<Job['spec']>;
type Rule = NonNullable<JobSpec['successPolicy']>['rules'][number];

const MAX_RULES = 20;
const MAX_INDEXES_LENGTH = 64 * 1024;

/** batch.SuccessPolicy */
export const SUCCESS_POLICY: GoStructType = {
  name: 'batch.SuccessPolicy',
  fields: [
    [
      'Rules',
      'rules',
      '[]batch.SuccessPolicyRule(nil)',
      {
        name: 'batch.SuccessPolicyRule',
        fields: [
          ['SucceededIndexes', 'succeededIndexes', '(*string)(nil)'],
          ['SucceededCount', 'succeededCount', '(*int32)(nil)'],
        ],
      },
    ],
  ],
};

function validateRule({ succeededCount: count, succeededIndexes: text }: Rule, completions: number, path: string) {
  const errors: FieldError[] = [];
  if (count === undefined && text === undefined)
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  let indexes: Indexes = { total: 0 };
  if (text !== undefined) {
    const at = `${path}.succeededIndexes`;
    if (text.length > MAX_INDEXES_LENGTH) errors.push(tooLong(at, '', MAX_INDEXES_LENGTH));
    indexes = parseIndexes(text, completions);
    if (indexes.problem !== undefined)
      errors.push(invalid(at, text, `error parsing succeededIndexes: ${indexes.problem}`));
  }
  if (count === undefined) return errors;
  const at = `${path}.succeededCount`;
  errors.push(...nonNegative(at, count));
  const limit = (most: number, what: string) => {
    if (count > most) errors.push(invalid(at, count, `must be less than or equal to ${most} (the number of ${what})`));
  };
  limit(completions, 'specified completions');
  if (text !== undefined) limit(indexes.total, 'indexes in the specified succeededIndexes field');
  return errors;
}

/** When an indexed job is a success although not all of it is. */
export function validateSuccessPolicy(
  { successPolicy, completionMode, completions }: JobSpec,
  path: string,
): FieldError[] {
  if (completionMode !== 'Indexed')
    return [invalid(path, goStructSyntax(SUCCESS_POLICY, successPolicy!), 'requires indexed completion mode')];
  const rules = successPolicy?.rules ?? [];
  const at = `${path}.rules`;
  if (rules.length === 0)
    return [required(at, 'at least one rules must be specified when the successPolicy is specified')];
  return [
    ...(rules.length > MAX_RULES ? [tooMany(at, rules.length, MAX_RULES)] : []),
    ...each(rules, at, (rule, rulePath) => validateRule(rule, completions ?? 0, rulePath)),
  ];
}
