import { compareStrings } from '../../../../base/go-json.ts';
import { goQuote } from '../../../../base/go-quote.ts';
import { goQuantity } from '../go-value.ts';
import { elementOf, fieldsOf, fieldValue, kindOf, scalarOf } from './types.ts';

/** Where a pointer points: anywhere, and elsewhere in each answer of the real one. */
const ADDRESS = '0xc000a1e2c0';

/** A value of a Go type as `%#v` prints it; what a pointer points to is not followed. */
export function goSyntaxOf(type: string, value: unknown): string {
  const isNil = value === undefined || value === null;
  switch (kindOf(type)) {
    case 'pointer':
      return `(${type})(${isNil ? 'nil' : ADDRESS})`;
    case 'slice':
      if (isNil) return `${type}(nil)`;
      return `${type}{${(value as unknown[]).map((item) => goSyntaxOf(elementOf(type), item)).join(', ')}}`;
    case 'map': {
      if (isNil) return `${type}(nil)`;
      const entries = Object.entries(value as object).sort(([a], [b]) => compareStrings(a, b));
      return `${type}{${entries.map(([key, item]) => `${goQuote(key)}:${goSyntaxOf(elementOf(type), item)}`).join(', ')}}`;
    }
    case 'struct':
      return `${type}{${fieldsOf(type)
        .map((field) => `${field.go}:${goSyntaxOf(field.type, fieldValue(value, field))}`)
        .join(', ')}}`;
    case 'quantity':
      return goQuantity(String(value ?? '0')).text;
    default: {
      const scalar = scalarOf(type, value);
      return typeof scalar === 'string' ? goQuote(scalar) : String(scalar);
    }
  }
}
