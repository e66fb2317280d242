import { JsonPath } from '../../base/jsonpath/index.ts';
import { checkShape, type Shape } from '../../cluster/shape.ts';
import type { Check, Comparison, Comparisons, Place } from './lab.ts';

const text: Shape = { type: 'string' };
const any: Shape = { type: 'any' };
const RESOURCE = { matches: /^[a-z][a-z0-9.-]*\/[^/\s]+$/, like: 'deployment/web' };
const named: Shape = { type: 'string', ...RESOURCE };

export const COMPARISONS: Comparison[] = ['is', 'not', 'contains', 'matches', 'atLeast', 'atMost'];
const ANSWERS = ['open', 'refused', 'timeout', 'unknown-host'];

/** What every check has. */
const COMMON: Record<string, Shape> = {
  check: text,
  otherwise: text,
  weight: { type: 'integer', from: 1 },
  namespace: text,
};

/** The fields of each kind of check, by the field that tells it. */
const FIELDS: Record<Check['kind'], Record<string, Shape>> = {
  object: {
    object: named,
    jsonpath: text,
    absent: { type: 'boolean' },
    ...Object.fromEntries(COMPARISONS.map((name) => [name, any])),
  },
  objects: {
    objects: { type: 'string', matches: /^[a-z][a-z0-9.-]*$/, like: 'pods' },
    selector: text,
    count: {
      type: 'object',
      fields: Object.fromEntries(['is', 'atLeast', 'atMost'].map((n) => [n, { type: 'integer' }])),
    },
    matches: any,
  },
  run: { run: text, on: text, shows: text, exit: any },
  reach: {
    reach: { type: 'string', matches: /^(https?|tcp):\/\/[^/\s]+/, like: 'http://shop:80/ or tcp://db:5432' },
    from: { type: 'string', matches: /^(pod|node)\/[^/\s]+$/, like: 'pod/client or node/node-1' },
    answers: any,
    shows: text,
  },
  kept: { kept: named },
};

const KINDS = Object.keys(FIELDS) as Check['kind'][];
const REQUIRED: Record<Check['kind'], string[]> = {
  object: [],
  objects: [],
  run: [],
  reach: ['from', 'answers'],
  kept: [],
};

type Raw = Record<string, unknown>;

/** Reads one check as YAML gives it; `path` is where it stands in its block. What is wrong comes as `PATH: WHAT: WHAT TO DO`. */
export function readCheck(raw: unknown, path: string, place: Place): { check: Check } | { problems: string[] } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return { problems: [`${path}: this is no check: it must be a mapping that begins with "- check:"`] };
  const fields = raw as Raw;
  const kinds = KINDS.filter((kind) => fields[kind] !== undefined);
  if (kinds.length !== 1)
    return {
      problems: [
        `${path}: a check has one of ${KINDS.join(', ')}, which says what it looks at: this one has ${kinds.join(' and ') || 'none'}`,
      ],
    };
  const [kind] = kinds as [Check['kind']];
  const problems = [
    ...checkShape(
      fields,
      { type: 'object', fields: { ...COMMON, ...FIELDS[kind] }, required: ['check', 'otherwise', ...REQUIRED[kind]] },
      path,
    ),
    ...RULES[kind](fields).map((problem) => `${path}${problem.startsWith('.') ? '' : ': '}${problem}`),
  ];
  if (problems.length > 0) return { problems };
  return { check: { ...place, weight: 1, ...made(kind, fields) } as unknown as Check };
}

/** What the shapes cannot say. */
const RULES: Record<Check['kind'], (fields: Raw) => string[]> = {
  object(fields) {
    const compared = COMPARISONS.filter((name) => fields[name] !== undefined);
    if (fields.jsonpath === undefined) {
      const stray = compared.filter((name) => name !== 'matches');
      return [
        ...stray.map((name) => `.${name}: it compares what a jsonpath finds: add jsonpath, or use matches`),
        ...(fields.absent && fields.matches !== undefined
          ? ['.matches: what is absent looks like nothing: leave one of the two out']
          : []),
        ...(fields.matches !== undefined && !isRecord(fields.matches)
          ? ['.matches: without a jsonpath it is partial YAML: { spec: { replicas: 3 } }']
          : []),
      ];
    }
    return [
      ...pathProblems(fields.jsonpath),
      ...(compared.length === 0 ? [`.jsonpath: what should it find? Add one of ${COMPARISONS.join(', ')}`] : []),
      ...compared
        .filter((name) => isRecord(fields[name]) || Array.isArray(fields[name]))
        .map((name) => `.${name}: it must be a text, a number, true or false`),
      ...patternProblems('matches', fields.matches),
    ];
  },
  objects: (fields) =>
    fields.matches !== undefined && !isRecord(fields.matches)
      ? ['.matches: it is partial YAML: { spec: { nodeName: node-1 } }']
      : [],
  run: (fields) => [
    ...patternProblems('shows', fields.shows),
    ...(fields.exit === undefined || fields.exit === 'any' || Number.isInteger(fields.exit)
      ? []
      : ['.exit: it must be a number, or any']),
  ],
  reach: (fields) => [
    ...patternProblems('shows', fields.shows),
    ...(fields.answers === undefined || Number.isInteger(fields.answers) || ANSWERS.includes(String(fields.answers))
      ? []
      : [`.answers: it must be an HTTP status like 200, or one of ${ANSWERS.join(', ')}`]),
  ],
  kept: () => [],
};

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function pathProblems(path: unknown): string[] {
  try {
    new JsonPath(String(path));
    return [];
  } catch (error) {
    return [`.jsonpath: ${(error as Error).message}`];
  }
}

function patternProblems(field: string, pattern: unknown): string[] {
  if (pattern === undefined) return [];
  try {
    new RegExp(String(pattern), 'm');
    return [];
  } catch (error) {
    return [`.${field}: ${(error as Error).message}`];
  }
}

function made(kind: Check['kind'], fields: Raw): Raw {
  const { matches, ...rest } = fields;
  const like = matches === undefined ? {} : { looksLike: matches };
  if (kind === 'objects') return { kind, count: { atLeast: 1 }, ...rest, ...like };
  if (kind === 'run') return { kind, exit: 0, ...rest };
  if (kind !== 'object') return { kind, ...rest };
  const comparisons: Comparisons = {};
  for (const name of COMPARISONS) {
    if (fields.jsonpath !== undefined && fields[name] !== undefined) comparisons[name] = fields[name] as string;
    delete rest[name];
  }
  return { kind, ...rest, comparisons, ...(fields.jsonpath === undefined && like) };
}
