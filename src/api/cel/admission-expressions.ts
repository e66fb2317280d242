import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node';
import { admissionVariables } from './admission-variables.ts';
import type { Program } from './compile.ts';
import { compileOnce } from './index.ts';
import { CelCompileError } from './issues.ts';
import { BOOL, type CelType, DYN, NULL, STRING } from './types.ts';

type Spec = NonNullable<V1ValidatingAdmissionPolicy['spec']>;

/** What an expression of admission is for: what it may name, and what it must result in. */
export const PURPOSES = {
  validation: { results: [BOOL], authorizer: true },
  messageExpression: { results: [STRING], authorizer: false },
  auditAnnotation: { results: [STRING, NULL], authorizer: true },
  matchCondition: { results: [BOOL], authorizer: true },
  variable: { results: [], authorizer: true },
} as const;

export type Purpose = keyof typeof PURPOSES;

/** Compiles the expressions of one policy, or of a webhook's conditions. */
export class AdmissionExpressions {
  /** Of the policy's variables that were compiled so far. */
  private readonly variables: Record<string, CelType> = {};

  constructor(private readonly params: boolean) {}

  /** Throws CelCompileError. */
  compile(expression: string, purpose: Purpose): Program {
    const { results, authorizer } = PURPOSES[purpose];
    const variables = this.known(purpose);
    const key = JSON.stringify([this.params, authorizer, variables]);
    return compileOnce(
      expression,
      key,
      () => admissionVariables({ params: this.params, authorizer, variables: variables && { ...variables } }),
      results,
    );
  }

  /** Conditions stand before the policy's variables, and a policy that has none does not know the word. */
  private known(purpose: Purpose): Record<string, CelType> | undefined {
    const some = purpose === 'variable' || Object.keys(this.variables).length > 0;
    return some && purpose !== 'matchCondition' ? this.variables : undefined;
  }

  /** Compiles a variable of the policy, so that what follows may name it; throws CelCompileError. */
  define(name: string, expression: string): Program {
    try {
      const program = this.compile(expression, 'variable');
      this.variables[name] = program.type;
      return program;
    } catch (error) {
      if (error instanceof CelCompileError) this.variables[name] = DYN;
      throw error;
    }
  }
}

/** Whether the expressions of a policy may name `params`. */
export const takesParams = ({ paramKind }: Spec): boolean => paramKind !== undefined;
