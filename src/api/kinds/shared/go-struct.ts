import { goQuote } from '../../../base/go-quote.ts';
import { GoSyntax } from '../../machinery/invalid.ts';

/** A field of a Go struct: its names in Go and in JSON, and how it prints when it is not set; the struct of a list's elements. */
export type GoField = readonly [go: string, json: string, unset: string, element?: GoStructType];

/** A Go struct for `%#v`: `batch.SuccessPolicy` and its fields in Go's order. */
export interface GoStructType {
  name: string;
  fields: readonly GoField[];
}

/** Where a pointer points to. No two answers of a real server share an address: ours is always this one. */
const ADDRESS = '0xc000a1b2c8';

function goField(value: unknown, unset: string, element: GoStructType | undefined): string {
  if (value === undefined || value === null) return unset;
  if (unset.startsWith('(*')) return unset.replace('(nil)', `(${ADDRESS})`);
  if (typeof value === 'string') return goQuote(value);
  if (!Array.isArray(value)) return String(value);
  const items = value.map((item: unknown) =>
    element ? structText(element, item as object) : goField(item, '', undefined),
  );
  return `${unset.replace('(nil)', '')}{${items.join(', ')}}`;
}

const structText = ({ name, fields }: GoStructType, value: object): string =>
  `${name}{${fields
    .map(([go, json, unset, element]) => `${go}:${goField((value as Record<string, unknown>)[json], unset, element)}`)
    .join(', ')}}`;

/** A struct as `%#v` prints it. */
export const goStructSyntax = (type: GoStructType, value: object): GoSyntax => new GoSyntax(structText(type, value));

/** The same for a list of structs. */
export const goListSyntax = (type: GoStructType, values: readonly object[] | undefined): GoSyntax =>
  new GoSyntax(
    values ? `[]${type.name}{${values.map((value) => structText(type, value)).join(', ')}}` : `[]${type.name}(nil)`,
  );
