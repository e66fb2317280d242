import { isLabelValue, isQualifiedName } from '../../base/names.ts';
import type { LabelSelector } from '../../types/objects.ts';
import { type FieldError, invalid } from './field-errors.ts';
import { aggregate, errorText } from './invalid.ts';

/** Why a text is no selector; `message` is apimachinery's own. */
export class SelectorError extends Error {}

export type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  key: string;
  operator: Operator;
  values: string[];
}

type Labels = Record<string, string> | undefined;

interface Token {
  kind: 'identifier' | 'in' | 'notin' | 'end' | 'error' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<';
  text: string;
}

const SYMBOLS = ['==', '!=', '(', ')', ',', '!', '=', '>', '<'] as const;
const BINARY_OPERATORS = 'in, notin, =, ==, !=, gt, lt';

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const pattern = /[ \t\r\n]*(?:(==|!=|[()=!,<>])|([^=!(),<> \t\r\n]+))/gy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [, symbol, word = ''] = match;
    if (symbol) found.push({ kind: symbol as (typeof SYMBOLS)[number], text: symbol });
    else found.push({ kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
  }
  return [...found, { kind: 'end', text: '' }];
}

/** The parser of k8s.io/apimachinery/pkg/labels: one word of lookahead; `in` and `notin` are also good names and values. */
class Parser {
  private position = 0;
  private readonly items: Token[];

  constructor(text: string) {
    this.items = tokens(text);
  }

  private peek(): Token {
    const token = this.items[this.position] ?? this.items.at(-1)!;
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
  }

  private next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const { kind, text } = this.peek();
      if (kind === 'end') return requirements;
      if (kind !== 'identifier' && kind !== '!')
        throw new SelectorError(`found '${text}', expected: !, identifier, or 'end of string'`);
      try {
        requirements.push(this.requirement());
      } catch (error) {
        throw new SelectorError(`unable to parse requirement: ${(error as Error).message}`);
      }
      const after = this.next();
      if (after.kind === 'end') return requirements;
      if (after.kind !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
      const second = this.peek();
      if (second.kind !== 'identifier' && second.kind !== '!')
        throw new SelectorError(`found '${second.text}', expected: identifier after ','`);
    }
  }

  private requirement(): Requirement {
    let token = this.next();
    const absent = token.kind === '!';
    if (absent) token = this.next();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const problem = keyProblem(key, '<nil>');
    if (problem) throw new SelectorError(errorText(problem));
    const following = this.peek().kind;
    if (absent) return requirement(key, '!', []);
    if (following === 'end' || following === ',') return requirement(key, 'exists', []);
    const operator = this.operator();
    const values = operator === 'in' || operator === 'notin' ? this.values() : [this.exactValue()];
    return requirement(key, operator, [...new Set(values)].sort());
  }

  private operator(): Operator {
    const token = this.items[this.position] ?? this.items.at(-1)!;
    this.position++;
    if (token.kind === '>') return 'gt';
    if (token.kind === '<') return 'lt';
    if (['in', 'notin', '=', '==', '!='].includes(token.kind)) return token.kind as Operator;
    throw new SelectorError(`found '${token.text}', expected: ${BINARY_OPERATORS}`);
  }

  private values(): string[] {
    const open = this.next();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.peek();
    if (first.kind === ')') {
      this.next();
      return [''];
    }
    if (first.kind !== 'identifier' && first.kind !== ',')
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    const values: string[] = [];
    for (;;) {
      const token = this.next();
      if (token.kind === 'identifier') {
        values.push(token.text);
        const after = this.peek();
        if (after.kind === ',') continue;
        if (after.kind === ')') break;
        throw new SelectorError(`found '${after.text}', expected: ',' or ')'`);
      }
      if (token.kind !== ',') throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
      if (values.length === 0) values.push('');
      const after = this.peek();
      if (after.kind === ')') {
        values.push('');
        break;
      }
      if (after.kind === ',') {
        this.next();
        values.push('');
      }
    }
    this.next();
    return values;
  }

  private exactValue(): string {
    const { kind } = this.peek();
    if (kind === 'end' || kind === ',') return '';
    const token = this.next();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    return token.text;
  }
}

function keyProblem(key: string, path: string): FieldError | undefined {
  const errors = isQualifiedName(key);
  return errors.length > 0 ? invalid(path, key, errors.join('; ')) : undefined;
}

function requirement(key: string, operator: Operator, values: string[]): Requirement {
  const errors: FieldError[] = [];
  values.forEach((value, index) => {
    if ((operator === 'gt' || operator === 'lt') && !/^[-+]?[0-9]+$/.test(value))
      errors.push(invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
  });
  values.forEach((value, index) => {
    const wrong = isLabelValue(value);
    if (wrong.length > 0) errors.push(invalid(`values[${index}][${key}]`, value, wrong.join('; ')));
  });
  if (errors.length > 0) throw new SelectorError(aggregate(errors.map(errorText)));
  return { key, operator, values };
}

/** labels.Parse: `a=b,c in (d,e),!f`; throws SelectorError. Requirements are ordered by key, as upstream's. */
export function parseLabelSelector(text: string): Requirement[] {
  return new Parser(text).parse().sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function satisfies(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      if (value === undefined || !/^[-+]?[0-9]+$/.test(value)) return false;
      return operator === 'gt' ? BigInt(value) > BigInt(values[0]!) : BigInt(value) < BigInt(values[0]!);
    }
  }
}

/** Whether labels satisfy all requirements. */
export const matchesLabels = (requirements: readonly Requirement[], labels: Labels): boolean =>
  requirements.every((one) => satisfies(labels, one));

/** labels.Selector.String(): `a=b,c in (d,e),!f`. */
export function formatLabelSelector(requirements: readonly Requirement[]): string {
  const one = ({ key, operator, values }: Requirement): string => {
    switch (operator) {
      case 'exists':
        return key;
      case '!':
        return `!${key}`;
      case 'in':
      case 'notin':
        return `${key} ${operator} (${values.join(',')})`;
      case 'gt':
      case 'lt':
        return `${key}${operator === 'gt' ? '>' : '<'}${values[0]}`;
      default:
        return `${key}${operator}${values[0]}`;
    }
  };
  return requirements.map(one).join(',');
}

const EXPRESSION_OPERATORS: Record<string, Operator> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** metav1.LabelSelectorAsSelector. An absent selector matches nothing (undefined), an empty one everything ([]). */
export function requirementsOf(selector: LabelSelector | undefined): Requirement[] | undefined {
  if (!selector) return undefined;
  const equal = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): Requirement => ({ key, operator: '=', values: [value] }),
  );
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }): Requirement => ({
      key,
      operator: EXPRESSION_OPERATORS[operator] ?? 'in',
      values: [...(values ?? [])].sort(),
    }),
  );
  return [...equal, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Whether a LabelSelector of an object selects these labels. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  const requirements = requirementsOf(selector);
  return requirements !== undefined && matchesLabels(requirements, labels);
}

/** metav1.FormatLabelSelector: how tables and describe print it. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const requirements = requirementsOf(selector);
  return requirements === undefined || requirements.length === 0 ? '<none>' : formatLabelSelector(requirements);
}

export interface FieldTerm {
  field: string;
  operator: '=' | '==' | '!=';
  value: string;
}

function unescapeFieldValue(text: string): string {
  return text.replace(/\\(.?)|([,=])/gs, (whole, escaped: string | undefined, bare: string | undefined) => {
    if (bare !== undefined)
      throw new SelectorError(`invalid field selector: unescaped character in value: ${bare.charCodeAt(0)}`);
    if (escaped === '\\' || escaped === ',' || escaped === '=') return escaped;
    throw new SelectorError(`invalid field selector: invalid escape sequence: ${whole}`);
  });
}

/** fields.ParseSelector: `status.phase=Running,metadata.name!=x`; throws SelectorError. */
export function parseFieldSelector(text: string): FieldTerm[] {
  const terms = text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? [];
  // A term that says nothing selects everything.
  return terms
    .filter((term) => term !== '=' && term !== '==')
    .map((term): FieldTerm => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
      if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = '', operator, value = ''] = match;
      return { field, operator: operator as FieldTerm['operator'], value: unescapeFieldValue(value) };
    });
}

/** Whether the fields of an object, got by `value`, satisfy all terms. */
export const matchesFields = (terms: readonly FieldTerm[], value: (field: string) => string): boolean =>
  terms.every((term) => (value(term.field) === term.value) !== (term.operator === '!='));
