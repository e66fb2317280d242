import type { Program } from '../cel/compile.ts';
import { compileOnce } from '../cel/index.ts';
import { CelCompileError } from '../cel/issues.ts';
import { BOOL, type CelType, DYN, optionalOf, STRING } from '../cel/types.ts';
import { type FieldError, invalid } from '../machinery/field-errors.ts';
import { GoSyntax } from '../machinery/invalid.ts';
import type { JsonObject } from '../machinery/patch/json-value.ts';
import type { RuleBudget } from './rule-cost.ts';
import type { ValidationRule } from './schema.ts';
import { selfType } from './self-type.ts';

/** A schema that holds rules; `root`: it is that of a whole resource. */
export interface SelfSchema {
  schema: JsonObject;
  root: boolean;
}

/** What a rule may name. */
function variablesOf({ schema, root }: SelfSchema, optional: boolean): Map<string, CelType> {
  const type = selfType(schema, root) ?? DYN;
  return new Map([
    ['self', type],
    ['oldSelf', optional ? optionalOf(type) : type],
  ]);
}

/** A program of a rule or its message; throws CelCompileError. */
export function compileRule(self: SelfSchema, rule: ValidationRule, expression: string, result: CelType): Program {
  const optional = rule.optionalOldSelf === true;
  const key = JSON.stringify([self.root, optional, self.schema]);
  const program = compileOnce(expression, key, () => variablesOf(self, optional));
  if (program.type.kind !== result.kind || program.type.name !== result.name)
    throw new CelCompileError(
      result === BOOL ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string',
    );
  return program;
}

/** A rule as %#v prints it. */
export const goRule = (rule: ValidationRule): GoSyntax => {
  const { message = '', messageExpression = '', fieldPath = '', reason, optionalOldSelf } = rule;
  const quoted = (text: string) => JSON.stringify(text);
  const pointer = (type: string, value: unknown) => `(*${type})(${value === undefined ? 'nil' : '0xc000000000'})`;
  return new GoSyntax(
    `apiextensions.ValidationRule{Rule:${quoted(rule.rule)}, Message:${quoted(message)}, MessageExpression:${quoted(messageExpression)}, Reason:${pointer('apiextensions.FieldValueErrorReason', reason)}, FieldPath:${quoted(fieldPath)}, OptionalOldSelf:${pointer('bool', optionalOldSelf)}}`,
  );
};

const errorOf = (compile: () => unknown): string | undefined => {
  try {
    compile();
    return undefined;
  } catch (error) {
    if (error instanceof CelCompileError) return error.message;
    throw error;
  }
};

/**
 * What is wrong with the expressions of rules. `uncorrelatable`: the schema within which there is no old value; `cardinality`: how
 * often theirs can stand in an object.
 */
export function ruleErrors(
  self: SelfSchema,
  rules: readonly ValidationRule[],
  path: string,
  place: { uncorrelatable?: string; cardinality: number | undefined; budget: RuleBudget },
): FieldError[] {
  const { uncorrelatable, cardinality, budget } = place;
  const errors: FieldError[] = [];
  for (const [index, rule] of rules.entries()) {
    const at = `${path}[${index}]`;
    let program: Program | undefined;
    const wrong = errorOf(() => {
      program = compileRule(self, rule, rule.rule, BOOL);
    });
    if (wrong !== undefined) errors.push(invalid(`${at}.rule`, goRule(rule), wrong));
    else if (program) errors.push(...budget.rule(`${at}.rule`, self, program.cost, cardinality));
    const { messageExpression } = rule;
    if (wrong === undefined && messageExpression) {
      let message: Program | undefined;
      const unclear = errorOf(() => {
        message = compileRule(self, rule, messageExpression, STRING);
      });
      if (message) errors.push(...budget.message(`${at}.messageExpression`, self, message.cost));
      if (unclear !== undefined)
        errors.push(
          invalid(
            `${at}.messageExpression`,
            goRule(rule),
            unclear.replace(/^compilation/, 'messageExpression compilation').replace(/^program/, 'messageExpression'),
          ),
        );
    }
    const old = program?.names.has('oldSelf') ?? false;
    if (old && uncorrelatable !== undefined)
      errors.push(
        invalid(
          `${at}.rule`,
          rule.rule,
          `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`,
        ),
      );
    else if (!old && rule.optionalOldSelf !== undefined)
      errors.push(
        invalid(`${at}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'),
      );
  }
  return errors;
}
