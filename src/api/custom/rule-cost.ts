import type { SizeOf } from '../cel/cost.ts';
import { type FieldError, forbidden } from '../machinery/field-errors.ts';
import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import type { SelfSchema } from './rule-errors.ts';
import { EMBEDDED, INT_OR_STRING, propertiesOf, schemaAt, withObjectMeta } from './schema.ts';
import { escaped } from './self-type.ts';

/** What a request may hold at the most, bytes. */
const REQUEST = 3 * 1024 * 1024;
/** What the rules of one place, and of a whole definition, may cost by estimate. */
const RULE_LIMIT = 10_000_000;
const SCHEMA_LIMIT = 100_000_000;
const MOST = 2 ** 64;
/** How many of the most expensive rules are told of, and from what cost on. */
const TOLD = 4;
const TOLD_FROM = SCHEMA_LIMIT / 100;

/** How large what a schema describes can be: characters, items or entries; and how small its JSON, bytes. */
interface Extent {
  max: number;
  json: number;
  items?: Extent;
  keys?: Extent;
  fields?: Map<string, Extent>;
}

/** Longest and shortest JSON of texts with a format. */
const FORMATS: Record<string, [max: number, json: number]> = {
  duration: [32, 3],
  date: [12, 12],
  'date-time': [32, 21],
};
const SCALAR_JSON: Record<string, number> = { boolean: 4, number: 1, integer: 1 };

const limitOf = (schema: JsonObject, field: string): number | undefined => {
  const limit = schema[field];
  return limit === undefined || limit === null ? undefined : Math.max(Number(limit), 0);
};

/** Sizes as SchemaDeclType estimates them; undefined for what rules cannot see. */
function extentOf(given: JsonObject, root: boolean): Extent | undefined {
  if (given[INT_OR_STRING] === true) {
    const length = limitOf(given, 'maxLength');
    return { max: length === undefined ? REQUEST - 2 : length * 4, json: 1 };
  }
  const schema = root ? withObjectMeta(given) : given;
  const inner = (one: JsonObject) => extentOf(one, one[EMBEDDED] === true);
  if (schema.type === 'array') {
    const described = schemaAt(schema, 'items');
    const items = described && inner(described);
    if (!items) return undefined;
    return { max: limitOf(schema, 'maxItems') ?? Math.floor((REQUEST - 2) / (items.json + 1)), json: 2, items };
  }
  if (schema.type === 'object') {
    if (!isObject(schema.additionalProperties)) return objectExtent(schema, inner);
    const items = inner(schema.additionalProperties);
    if (!items) return undefined;
    const max = limitOf(schema, 'maxProperties') ?? Math.floor((REQUEST - 2) / (items.json + 6));
    return { max, json: 2, items, keys: { max: 0, json: 2 } };
  }
  if (schema.type === 'string') return textExtent(schema);
  const json = SCALAR_JSON[String(schema.type)];
  return json === undefined ? undefined : { max: 0, json };
}

function objectExtent(schema: JsonObject, inner: (one: JsonObject) => Extent | undefined): Extent {
  const required = new Set((schema.required ?? []) as string[]);
  const fields = new Map<string, Extent>();
  let json = 2;
  for (const [name, property] of propertiesOf(schema)) {
    const extent = inner(property);
    if (!extent) continue;
    for (const key of escaped(name)) fields.set(key, extent);
    if (required.has(name) && property.default === undefined) json += name.length + extent.json + 4;
  }
  return { max: 0, json, fields };
}

function textExtent(schema: JsonObject): Extent {
  const length = limitOf(schema, 'maxLength');
  const format = FORMATS[String(schema.format)];
  if (format) return { max: format[0], json: format[1] };
  if (schema.format === 'byte') return { max: length ?? REQUEST - 2, json: 2 };
  if (length !== undefined) return { max: length * 4, json: 2 };
  const values = Array.isArray(schema.enum) ? schema.enum : [];
  if (values.length === 0) return { max: REQUEST - 2, json: 2 };
  const lengths = values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0));
  return { max: Math.max(...lengths), json: 2 };
}

function sizesFrom(root: Extent | undefined): SizeOf {
  return ([, ...path]) => {
    let at = root;
    for (const name of path) {
      if (name === '@items' || name === '@values') at = at?.items;
      else if (name === '@keys') at = at?.keys;
      else at = at?.fields?.get(name);
    }
    return at && { min: 0, max: at.max };
  };
}

/** How many times what stands in a schema may stand there; undefined where nothing limits it. */
export function elementsOf(schema: JsonObject): number | undefined {
  if (schema.type === 'array') return limitOf(schema, 'maxItems');
  if (schema.type === 'object' && schema.additionalProperties) return limitOf(schema, 'maxProperties');
  return 1;
}

const ADVICE =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

function exceeds(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return `${what} exceeds budget by factor of ${shown} ${ADVICE}`;
}

/** The highest cost of a rule where its schema stands once. `cost`: for sizes. */
export const ruleCost = ({ schema, root }: SelfSchema, cost: (sizeOf: SizeOf) => number): number =>
  cost(sizesFrom(extentOf(schema, root)));

/** Adds up what the rules of a definition cost by estimate. */
export class RuleBudget {
  private total = 0;
  private readonly costs: { path: string; cost: number }[] = [];

  /** A rule that is right. `cost`: for sizes; `cardinality`: how often the schema can stand in an object, if anything limits that. */
  rule(
    path: string,
    self: SelfSchema,
    cost: (sizeOf: SizeOf) => number,
    cardinality: number | undefined,
  ): FieldError[] {
    const extent = extentOf(self.schema, self.root);
    const often = cardinality ?? Math.floor(REQUEST / ((extent?.json ?? 0) + 1));
    return this.spend(path, 'estimated rule cost', Math.min(cost(sizesFrom(extent)) * often, MOST));
  }

  /** The expression of a rule's message. */
  message(path: string, self: SelfSchema, cost: (sizeOf: SizeOf) => number): FieldError[] {
    return this.spend(path, 'estimated messageExpression cost', ruleCost(self, cost));
  }

  private spend(path: string, what: string, cost: number): FieldError[] {
    this.total = Math.min(this.total + cost, MOST);
    if (cost >= TOLD_FROM) this.costs.push({ path, cost });
    return cost > RULE_LIMIT ? [forbidden(path, exceeds(what, cost, RULE_LIMIT))] : [];
  }

  /** What is wrong with all of them together. `path`: of the schema. */
  totalErrors(path: string): FieldError[] {
    if (this.total <= SCHEMA_LIMIT) return [];
    const told = this.costs.toSorted((a, b) => b.cost - a.cost).slice(0, TOLD);
    return [
      ...told.map((one) =>
        forbidden(
          one.path,
          'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
        ),
      ),
      forbidden(
        path,
        exceeds(
          'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema',
          this.total,
          SCHEMA_LIMIT,
        ),
      ),
    ];
  }
}
