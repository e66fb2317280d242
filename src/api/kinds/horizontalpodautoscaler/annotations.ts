// What autoscaling/v1 has no fields for, as annotations keep it: metrics in v1's own words, behavior as Go's internal struct.

type Json = Record<string, unknown>;
interface Values {
  value?: string;
  averageValue?: string;
  averageUtilization?: number;
  type?: string;
}
type Identifier = { name?: string; selector?: unknown };
/** A metric of autoscaling/v2, of the spec (`target`) or the status (`current`). */
export type Metric = { type: string } & Record<string, Json | string | undefined>;

const SOURCES = ['object', 'pods', 'resource', 'containerResource', 'external'] as const;
type Source = (typeof SOURCES)[number];
type Side = 'target' | 'current';

const raised = (side: Side, name: string) => `${side}${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Writes one source in v1's fields, in their order; `side` is what the value is called. */
function writeSource(source: Source, given: Json, side: Side): Json {
  const { value, averageValue, averageUtilization } = (given[side] ?? {}) as Values;
  const { name: metricName, selector } = (given.metric ?? {}) as Identifier;
  const key = (name: string) => raised(side, name);
  const isStatus = side === 'current';
  if (source === 'object') {
    const { kind, name, apiVersion } = (given.describedObject ?? {}) as Json;
    return { target: { kind, name, apiVersion }, metricName, [key('value')]: value ?? '0', selector, averageValue };
  }
  if (source === 'pods') return { metricName, [key('averageValue')]: averageValue ?? '0', selector };
  if (source === 'external')
    return {
      metricName,
      metricSelector: selector,
      [key('value')]: isStatus ? (value ?? '0') : value,
      [key('averageValue')]: averageValue,
    };
  return {
    name: given.name,
    [key('averageUtilization')]: averageUtilization,
    [key('averageValue')]: isStatus ? (averageValue ?? '0') : averageValue,
    container: given.container,
  };
}

function readTarget(source: Source, values: Values): Values {
  const { value, averageValue, averageUtilization } = values;
  if (source === 'object') return { type: averageValue === undefined ? 'Value' : 'AverageValue', value, averageValue };
  if (source === 'pods') return { type: 'AverageValue', averageValue };
  if (source === 'external') return { type: value === undefined ? 'AverageValue' : 'Value', value, averageValue };
  return { type: averageUtilization === undefined ? 'AverageValue' : 'Utilization', averageValue, averageUtilization };
}

function readSource(source: Source, given: Json, side: Side): Json {
  const key = (name: string) => given[raised(side, name)] as never;
  const values: Values = {
    value: key('value'),
    averageValue: source === 'object' ? (given.averageValue as string) : key('averageValue'),
    averageUtilization: key('averageUtilization'),
  };
  const measured = { [side]: side === 'target' ? readTarget(source, values) : values };
  if (source === 'resource' || source === 'containerResource')
    return { name: given.name, container: given.container, ...measured };
  const metric = { name: given.metricName, selector: given.selector ?? given.metricSelector };
  return source === 'object' ? { describedObject: given.target, metric, ...measured } : { metric, ...measured };
}

const each = (metrics: Metric[], change: (source: Source, given: Json) => Json): Json[] =>
  metrics.map((metric) => {
    const given = SOURCES.filter((source) => metric[source]);
    return {
      type: metric.type,
      ...Object.fromEntries(given.map((source) => [source, change(source, metric[source] as Json)])),
    };
  });

/** Metrics of v2 as the text of an annotation. */
export const writeMetrics = (metrics: Metric[], side: Side): string =>
  JSON.stringify(each(metrics, (source, given) => writeSource(source, given, side)));

const parsed = <T>(text: string): T | undefined => {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
};

/** The reverse; a text that is none says nothing. */
export function readMetrics(text: string, side: Side): Metric[] | undefined {
  const metrics = parsed<Metric[]>(text);
  if (!Array.isArray(metrics)) return undefined;
  return each(metrics, (source, given) => readSource(source, given, side)) as Metric[];
}

const BEHAVIOR = ['scaleUp', 'scaleDown'];
const RULES = ['stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance'];
const POLICY = ['type', 'value', 'periodSeconds'];
const goName = (field: string) => field.charAt(0).toUpperCase() + field.slice(1);

/** A struct without JSON names: all its fields by their names in Go, absent ones as null. */
const writeStruct = (fields: readonly string[], value: Json, inner: (field: string, value: unknown) => unknown): Json =>
  Object.fromEntries(fields.map((field) => [goName(field), value[field] == null ? null : inner(field, value[field])]));

const readStruct = (fields: readonly string[], value: Json, inner: (field: string, value: unknown) => unknown): Json =>
  Object.fromEntries(
    fields.flatMap((field) => (value[goName(field)] == null ? [] : [[field, inner(field, value[goName(field)])]])),
  );

function mapBehavior(behavior: Json, struct: typeof writeStruct): Json {
  const policies = (list: unknown) => (list as Json[]).map((policy) => struct(POLICY, policy, (_, value) => value));
  const rules = (value: unknown) =>
    struct(RULES, value as Json, (field, inner) => (field === 'policies' ? policies(inner) : inner));
  return struct(BEHAVIOR, behavior, (_, value) => rules(value));
}

/** A behavior as the text of an annotation. */
export const writeBehavior = (behavior: object): string => JSON.stringify(mapBehavior(behavior as Json, writeStruct));

/** The reverse; a text that is none, or says nothing, is no behavior. */
export function readBehavior(text: string): object | undefined {
  const value = parsed<Json>(text);
  const behavior = value && mapBehavior(value, readStruct);
  return behavior && Object.keys(behavior).length > 0 ? behavior : undefined;
}

/** A list of anything as JSON holds it. */
export const readList = (text: string): unknown[] | undefined => parsed<unknown[]>(text);
