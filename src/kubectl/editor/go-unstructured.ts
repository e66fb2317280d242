import { goQuote } from '../../base/go-quote.ts';

/** An object as Go's `%#v` shows an unstructured one. */
export const goUnstructured = (object: object): string => `&unstructured.Unstructured{Object:${goSyntax(object)}}`;

function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[string]interface {}{${fields.map(([name, field]) => `${goQuote(name)}:${goSyntax(field)}`).join(', ')}}`;
}
